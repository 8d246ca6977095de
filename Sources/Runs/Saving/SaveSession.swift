import Checkpoints
import Collectives
import Training

/// The saves of one run: what they followed, under which names, and the one that is under way.
final class SaveSession {
    let context: RunContext
    let saver: CheckpointSaver
    let buffer = StateBuffer()
    private let schedule: SaveSchedule
    private let clock: SaveClock
    private let begin: ContinuousClock.Instant
    private var history: SaveHistory?

    /// What is to be done once the save under way is published.
    var afterPublishing: ((Manifest) -> Void)?

    /// The prefixes in use, once they are settled.
    var prefix: String?
    var breakpointPrefix: String?

    init(_ context: RunContext, _ schedule: SaveSchedule, saver: CheckpointSaver, clock: SaveClock) {
        self.context = context
        self.schedule = schedule
        self.saver = saver
        self.clock = clock
        begin = clock.now()
    }

    /// The step that the run began after: 0, or where it carries on from; nil before its first step.
    private(set) var firstStep: Int?

    /// Whether the run carries on an earlier one.
    var carriesOn: Bool { firstStep.map { $0 > 0 } ?? (context.position.step > 0) }

    /// Whether the state of now is saved, or no step was made.
    var isSaved: Bool { history.map { $0.lastStep == context.position.step } ?? true }

    /// The seconds since the run began.
    private var seconds: Double { begin.duration(to: clock.now()) / .seconds(1) }

    /// Notes that a step is begun.
    func stepBegins() {
        guard firstStep == nil else { return }
        let step = context.position.step
        firstStep = step
        var lastStep = step
        // A run that was stopped in between saves after the same steps as one that was not.
        if case .steps(let steps) = schedule { lastStep -= step % steps }
        history = SaveHistory(step: lastStep)
    }

    /// Whether this rank would save now.
    var isDue: Bool {
        guard let history else { return false }
        // One clock decides for all.
        guard !schedule.dependsOnTime || context.world.rank == 0 else { return false }
        return schedule.isDue(step: context.position.step, seconds: seconds, after: history)
    }

    /// Runs a save and notes how long it kept the run.
    func measure(_ save: () throws -> Void) rethrows {
        let start = seconds
        try save()
        let end = seconds
        history?.note(step: context.position.step, at: end, duration: end - start)
    }

    /// Waits for the save under way and publishes it.
    func finish() throws {
        guard let manifest = try saver.finish() else { return }
        afterPublishing?(manifest)
        afterPublishing = nil
    }
}
