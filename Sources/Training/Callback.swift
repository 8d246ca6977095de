/// What a run tells about itself, and where it can be told to stop (MindSpore's `Callback`).
///
/// Subclass it and override the hooks you need. A hook that throws ends the run on all ranks with that error; the
/// other callbacks of the hook and the later hooks are not called. The six hooks without a prefix are MindSpore's old
/// ones: each `onTrain…` and `onEval…` hook calls one of them unless you override it without calling `super`.
open class Callback {
    /// Makes a callback.
    public init() {}

    // MARK: Before a training

    /// Called on every callback before any hook of a training: what this one brings to the run, whatever its place in the
    /// list is. Not in MindSpore.
    open func contribute(to runContext: RunContext) throws {}

    /// Whether it reads ``CallbackParameters/gradientNorm``, which is then measured also where gradients are not clipped. Not in
    /// MindSpore.
    open var readsGradientNorm: Bool { false }

    // MARK: Around the whole run

    /// Called before the first hook of a run (MindSpore's `__enter__`), in the order of the list.
    open func enter() {}

    /// Called at the end of a run, in reverse order, with the error that ended it if one did (MindSpore's `__exit__`).
    /// If it returns true the error is taken as dealt with.
    open func exit(_ error: (any Error)?) -> Bool { false }

    // MARK: Old hooks

    /// Once before the first epoch, in training and evaluation.
    open func begin(_ runContext: RunContext) throws {}

    /// Before each epoch.
    open func epochBegin(_ runContext: RunContext) throws {}

    /// Before each step.
    open func stepBegin(_ runContext: RunContext) throws {}

    /// After each step.
    open func stepEnd(_ runContext: RunContext) throws {}

    /// After each epoch.
    open func epochEnd(_ runContext: RunContext) throws {}

    /// Once after the last epoch.
    open func end(_ runContext: RunContext) throws {}

    // MARK: Training

    /// Once before training.
    open func onTrainBegin(_ runContext: RunContext) throws { try begin(runContext) }

    /// Before each epoch of training.
    open func onTrainEpochBegin(_ runContext: RunContext) throws { try epochBegin(runContext) }

    /// Before each step of training.
    open func onTrainStepBegin(_ runContext: RunContext) throws { try stepBegin(runContext) }

    /// After each step of training; ``CallbackParameters/netOutputs`` holds the loss.
    open func onTrainStepEnd(_ runContext: RunContext) throws { try stepEnd(runContext) }

    /// After each epoch of training, and after the validation that follows it in `fit`.
    open func onTrainEpochEnd(_ runContext: RunContext) throws { try epochEnd(runContext) }

    /// Once after training, whether it was finished or stopped.
    open func onTrainEnd(_ runContext: RunContext) throws { try end(runContext) }

    // MARK: Evaluation

    /// Once before an evaluation.
    open func onEvalBegin(_ runContext: RunContext) throws { try begin(runContext) }

    /// Before the one epoch of an evaluation.
    open func onEvalEpochBegin(_ runContext: RunContext) throws { try epochBegin(runContext) }

    /// Before each step of an evaluation.
    open func onEvalStepBegin(_ runContext: RunContext) throws { try stepBegin(runContext) }

    /// After each step of an evaluation.
    open func onEvalStepEnd(_ runContext: RunContext) throws { try stepEnd(runContext) }

    /// After the one epoch of an evaluation.
    open func onEvalEpochEnd(_ runContext: RunContext) throws { try epochEnd(runContext) }

    /// Once after an evaluation; ``CallbackParameters/metrics`` holds its results.
    open func onEvalEnd(_ runContext: RunContext) throws { try end(runContext) }

    /// Whether it is called during validation inside `fit` too. MindSpore leaves its own monitors out there.
    open var hearsValidation: Bool { true }
}
