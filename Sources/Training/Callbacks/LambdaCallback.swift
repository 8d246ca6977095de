/// A callback made of closures (MindSpore's `LambdaCallback`).
///
/// ```swift
/// LambdaCallback(onTrainEpochEnd: { context in print(context.originalArgs().loss ?? 0) })
/// ```
///
/// Unlike in MindSpore, the closures for evaluation are called in the validation inside `fit` too.
public final class LambdaCallback: Callback {
    /// What is done at a hook.
    public typealias Action = (RunContext) throws -> Void

    private let onTrainBeginAction: Action?
    private let onTrainEpochBeginAction: Action?
    private let onTrainStepBeginAction: Action?
    private let onTrainStepEndAction: Action?
    private let onTrainEpochEndAction: Action?
    private let onTrainEndAction: Action?
    private let onEvalBeginAction: Action?
    private let onEvalEpochBeginAction: Action?
    private let onEvalStepBeginAction: Action?
    private let onEvalStepEndAction: Action?
    private let onEvalEpochEndAction: Action?
    private let onEvalEndAction: Action?

    /// Makes a callback; hooks without a closure do nothing.
    public init(
        onTrainBegin: Action? = nil,
        onTrainEpochBegin: Action? = nil,
        onTrainStepBegin: Action? = nil,
        onTrainStepEnd: Action? = nil,
        onTrainEpochEnd: Action? = nil,
        onTrainEnd: Action? = nil,
        onEvalBegin: Action? = nil,
        onEvalEpochBegin: Action? = nil,
        onEvalStepBegin: Action? = nil,
        onEvalStepEnd: Action? = nil,
        onEvalEpochEnd: Action? = nil,
        onEvalEnd: Action? = nil
    ) {
        onTrainBeginAction = onTrainBegin
        onTrainEpochBeginAction = onTrainEpochBegin
        onTrainStepBeginAction = onTrainStepBegin
        onTrainStepEndAction = onTrainStepEnd
        onTrainEpochEndAction = onTrainEpochEnd
        onTrainEndAction = onTrainEnd
        onEvalBeginAction = onEvalBegin
        onEvalEpochBeginAction = onEvalEpochBegin
        onEvalStepBeginAction = onEvalStepBegin
        onEvalStepEndAction = onEvalStepEnd
        onEvalEpochEndAction = onEvalEpochEnd
        onEvalEndAction = onEvalEnd
    }

    // MARK: Training

    public override func onTrainBegin(_ runContext: RunContext) throws { try onTrainBeginAction?(runContext) }
    public override func onTrainEpochBegin(_ runContext: RunContext) throws { try onTrainEpochBeginAction?(runContext) }
    public override func onTrainStepBegin(_ runContext: RunContext) throws { try onTrainStepBeginAction?(runContext) }
    public override func onTrainStepEnd(_ runContext: RunContext) throws { try onTrainStepEndAction?(runContext) }
    public override func onTrainEpochEnd(_ runContext: RunContext) throws { try onTrainEpochEndAction?(runContext) }
    public override func onTrainEnd(_ runContext: RunContext) throws { try onTrainEndAction?(runContext) }

    // MARK: Evaluation

    public override func onEvalBegin(_ runContext: RunContext) throws { try onEvalBeginAction?(runContext) }
    public override func onEvalEpochBegin(_ runContext: RunContext) throws { try onEvalEpochBeginAction?(runContext) }
    public override func onEvalStepBegin(_ runContext: RunContext) throws { try onEvalStepBeginAction?(runContext) }
    public override func onEvalStepEnd(_ runContext: RunContext) throws { try onEvalStepEndAction?(runContext) }
    public override func onEvalEpochEnd(_ runContext: RunContext) throws { try onEvalEpochEndAction?(runContext) }
    public override func onEvalEnd(_ runContext: RunContext) throws { try onEvalEndAction?(runContext) }
}
