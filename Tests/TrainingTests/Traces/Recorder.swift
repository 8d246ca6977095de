import Collectives
import Runs
import Training

/// What callbacks heard, in the words of the recorded traces: "A.SE 1 2 !".
final class EventLog {
    var events: [String] = []

    func note(_ name: String, _ event: String, _ context: RunContext) {
        let parameters = context.originalArgs()
        let epoch = parameters.curEpochNum.map { "\($0)" } ?? "-"
        let mark = context.getStopRequested() ? " !" : ""
        events.append("\(name).\(event) \(epoch) \(parameters.curStepNum)\(mark)")
    }
}

/// What a callback of the traces raises.
struct Boom: Error, CustomStringConvertible {
    var description: String { "boom" }
}

/// A callback that notes each hook as it is entered, then acts, then calls the hook of the callback it stands for.
final class Recorder: Callback {
    let name: String
    let log: EventLog
    /// What it does in a hook; the number counts the calls of the hook.
    var action: (Hook, Int, RunContext) throws -> Void = { _, _, _ in }
    var notesEnterAndExit = false
    var swallowsErrors = false
    private let inner: Callback
    private var calls: [Hook: Int] = [:]

    init(_ name: String, _ log: EventLog, for inner: Callback = Callback()) {
        self.name = name
        self.log = log
        self.inner = inner
    }

    override var hearsValidation: Bool { inner.hearsValidation }

    override func enter() {
        if notesEnterAndExit { log.events.append("\(name).__enter__") }
    }

    override func exit(_ error: (any Error)?) -> Bool {
        let isBoom = error is Boom || (error as? RankFailure)?.reason == "boom"
        let text = error.map { isBoom ? "RuntimeError" : "\(type(of: $0))" } ?? "None"
        if notesEnterAndExit { log.events.append("\(name).__exit__(\(text))") }
        return swallowsErrors
    }

    private func note(
        _ hook: Hook, _ context: RunContext, _ original: (Callback) -> (RunContext) throws -> Void
    ) throws {
        log.note(name, hook.mark, context)
        calls[hook, default: 0] += 1
        try action(hook, calls[hook, default: 0], context)
        try original(inner)(context)
    }

    override func onTrainBegin(_ context: RunContext) throws {
        try note(.trainBegin, context, Callback.onTrainBegin)
    }

    override func onTrainEpochBegin(_ context: RunContext) throws {
        try note(.trainEpochBegin, context, Callback.onTrainEpochBegin)
    }

    override func onTrainStepBegin(_ context: RunContext) throws {
        try note(.trainStepBegin, context, Callback.onTrainStepBegin)
    }

    override func onTrainStepEnd(_ context: RunContext) throws {
        try note(.trainStepEnd, context, Callback.onTrainStepEnd)
    }

    override func onTrainEpochEnd(_ context: RunContext) throws {
        try note(.trainEpochEnd, context, Callback.onTrainEpochEnd)
    }

    override func onTrainEnd(_ context: RunContext) throws {
        try note(.trainEnd, context, Callback.onTrainEnd)
    }

    override func onEvalBegin(_ context: RunContext) throws {
        try note(.evalBegin, context, Callback.onEvalBegin)
    }

    override func onEvalEpochBegin(_ context: RunContext) throws {
        try note(.evalEpochBegin, context, Callback.onEvalEpochBegin)
    }

    override func onEvalStepBegin(_ context: RunContext) throws {
        try note(.evalStepBegin, context, Callback.onEvalStepBegin)
    }

    override func onEvalStepEnd(_ context: RunContext) throws {
        try note(.evalStepEnd, context, Callback.onEvalStepEnd)
    }

    override func onEvalEpochEnd(_ context: RunContext) throws {
        try note(.evalEpochEnd, context, Callback.onEvalEpochEnd)
    }

    override func onEvalEnd(_ context: RunContext) throws {
        try note(.evalEnd, context, Callback.onEvalEnd)
    }
}
