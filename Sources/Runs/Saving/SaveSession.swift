import Checkpoints
import Collectives
import Files
import Goodput
import Stopping
import Training

/// What one callback knows of its saves in one run: what they followed, and under which names.
final class SaveSession {
    let context: RunContext
    let buffer = StateBuffer()
    private let schedule: SaveSchedule
    private let begin: ContinuousClock.Instant
    private var history: SaveHistory?

    /// The prefixes in use, once they are settled.
    var prefix: String?
    var breakpointPrefix: String?

    init(_ context: RunContext, _ schedule: SaveSchedule) {
        self.context = context
        self.schedule = schedule
        begin = context.surroundings.now
    }

    /// The step that the run began after: 0, or where it carries on from; nil before its first step.
    private(set) var firstStep: Int?

    /// Whether the run carries on an earlier one.
    var carriesOn: Bool { firstStep.map { $0 > 0 } ?? (context.position.step > 0) }

    /// Whether the state of now is saved, or no step was made.
    var isSaved: Bool { history.map { $0.lastStep == context.position.step } ?? true }

    /// The seconds since the run began.
    private var seconds: Double { begin.duration(to: context.surroundings.now) / .seconds(1) }

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

    /// What a schedule that chooses the interval itself has chosen, and why, after the first save on rank 0; nil otherwise.
    private(set) var choice: String?

    /// Runs a save and notes how long it kept the run.
    func measure(_ save: () throws -> Void) rethrows {
        let start = seconds
        do {
            try context.clock.counting(as: \.saves, save)
        } catch {
            guard Mutant.failedSaveCounts.isPlanted, !(error is CollectiveError) else { throw error }
        }
        let end = seconds
        choice = nil
        let isFirst = history?.meanDuration == nil
        history?.note(step: context.position.step, at: end, duration: end - start)
        guard isFirst, case .optimal(let mtbf) = schedule, context.world.rank == 0 else { return }
        choice = describeChoice(mtbf: mtbf, save: end - start, step: start / Double(context.position.step - first))
    }

    private var first: Int { min(firstStep ?? 0, context.position.step - 1) }

    private func describeChoice(mtbf: Double, save: Double, step: Double) -> String {
        let interval = SaveInterval.daly(save: save, mtbf: mtbf)
        let steps = OutsideNumber(nearestTo: max(1, (interval / step).rounded(.up))).value
        return
            "saving every \(interval.asTime) (some \(steps.grouped) steps): a save kept the run for \(save.asTime), and "
            + "with a failure of the job every \(mtbf.asTime) this loses the least time by Daly's formula"
    }

    /// What saves, for all callbacks of the run.
    var saver: CheckpointSaver { context.checkpointSaver }
}
