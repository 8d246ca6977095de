import Runs
import Training

/// A callback that overrides only the old hooks.
final class OldRecorder: Callback {
    private let name: String
    private let log: EventLog

    init(_ name: String, _ log: EventLog) {
        self.name = name
        self.log = log
    }

    override func begin(_ context: RunContext) { log.note(name, "begin", context) }
    override func epochBegin(_ context: RunContext) { log.note(name, "epoch_begin", context) }
    override func stepBegin(_ context: RunContext) { log.note(name, "step_begin", context) }
    override func stepEnd(_ context: RunContext) { log.note(name, "step_end", context) }
    override func epochEnd(_ context: RunContext) { log.note(name, "epoch_end", context) }
    override func end(_ context: RunContext) { log.note(name, "end", context) }
}

/// A callback that overrides a new hook without calling `super`, another one with, and the old hooks of both.
final class MixedRecorder: Callback {
    private let name: String
    private let log: EventLog

    init(_ name: String, _ log: EventLog) {
        self.name = name
        self.log = log
    }

    override func onTrainStepEnd(_ context: RunContext) { log.note(name, "SE", context) }

    override func onTrainEpochEnd(_ context: RunContext) throws {
        log.note(name, "EE", context)
        try super.onTrainEpochEnd(context)
    }

    override func stepEnd(_ context: RunContext) { log.note(name, "step_end", context) }
    override func epochEnd(_ context: RunContext) { log.note(name, "epoch_end", context) }
}
