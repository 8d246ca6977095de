import Checkpoints
import Ciphers
import Collectives
import Files
import Networks
import Runs
import Stopping
import SurroundingsTestKit
import SystemPackage
import Training

/// What became of a rank of a launch.
struct RankReport {
    /// The step of the set that it carried on from; nil if it began anew.
    var resumedStep: Int?
    /// The id of that set.
    var resumedID: String?
    /// The last step that it has made.
    var step = 0
    var hasBegun = false
    var outcome: RunOutcome?
    var error: String?
}

/// The program that each simulated rank runs: the shipped `Run`, with a ghost.
struct TrialRank {
    let rank: Int
    let launch: TrialLaunch
    let surroundings: VirtualSurroundings
    let files: any FileSystem

    /// Trains, and returns the code that the process ends with.
    func run(in world: any Communicator) -> Int32 {
        let scenario = launch.trial.scenario
        do {
            let run = try Run(
                in: Trial.directory, world: world, plan: plan(scenario), files: files, surroundings: surroundings)
            let model = try Ghost.model(world: run.world, tensorParts: launch.tensorParts, seed: Ghost.seed)
            let data = try Ghost.data(stepsPerEpoch: scenario.stepsPerEpoch, batchSize: scenario.batchSize)
            let callbacks = [GhostWatch(self)] + (try saver(scenario).map { [$0] } ?? [])
            let outcome = try run.fit(model, epochs: scenario.epochs, data, callbacks: callbacks)
            launch.reports[rank].outcome = outcome
            return ExitStatus.success.rawValue
        } catch {
            launch.reports[rank].error = "\(error)"
            launch.note("ends with an error: \(error)", rank: rank)
            if error is CollectiveError { launch.trial.violates(.nobodyWaitsForEver, "rank \(rank): \(error)") }
            return ExitStatus(of: error).rawValue
        }
    }

    private func plan(_ scenario: SimulatedRun) throws -> RunPlan {
        let deadline = launch.deadline.map { Deadline("the time", end: surroundings.now + .seconds($0)) }
        if rank == 0 { launch.deadlineEnd = launch.deadline.map { launch.trial.scheduler.time + .seconds($0) } }
        let stops = StopPlan(
            signals: [], configFile: Trial.configFile, deadlines: [deadline].compactMap { $0 },
            sources: [launch.boxes[rank]])
        let isScheduled = scenario.saving == .whole
        let schedule = scenario.saveEvery.map { isScheduled ? [SaveOccasion.every(steps: $0)] : [] } ?? []
        return RunPlan(
            name: "Ghost", resume: launch.older.map { .set(FilePath("\(Trial.directory)/\($0.name)")) } ?? .newest,
            stops: stops, saves: schedule + [.onStop, .atEnd], keep: scenario.retention,
            prefix: Ghost.prefix, files: try form, watchdog: scenario.hasWatchdog ? .seconds(60) : nil)
    }

    private var form: CheckpointForm {
        get throws { try launch.trial.key.map { try CheckpointForm(encryption: Encryption(key: $0)) } ?? .plain }
    }

    /// What saves on schedule where the plan does not.
    private func saver(_ scenario: SimulatedRun) throws -> Callback? {
        guard scenario.saving != .whole, let steps = scenario.saveEvery else { return nil }
        let config = try CheckpointConfig(
            schedule: .steps(steps), retention: scenario.retention, integratedSave: scenario.saving != .slices,
            asyncSave: scenario.saving == .inBackground, form: form)
        if scenario.saving == .monitor {
            return try CheckpointMonitor(prefix: Ghost.prefix, directory: Trial.directory, config: config, files: files)
        }
        return try ModelCheckpoint(prefix: Ghost.prefix, directory: Trial.directory, config: config, files: files)
    }
}

/// What a callback throws.
private struct GhostFailure: Error, CustomStringConvertible {
    var description: String { "the ghost has had enough" }
}

/// Sees that a ghost is what it has to be, and lets its steps take time.
private final class GhostWatch: Callback {
    private let rank: TrialRank
    private var trial: Trial { rank.launch.trial }

    init(_ rank: TrialRank) {
        self.rank = rank
    }

    override func onTrainBegin(_ runContext: RunContext) {
        let step = runContext.position.step
        rank.launch.reports[rank.rank].resumedStep = step == 0 ? nil : step
        rank.launch.reports[rank.rank].step = step
        rank.launch.reports[rank.rank].hasBegun = true
        rank.launch.note(step == 0 ? "begins" : "carries on from step \(step)", rank: rank.rank)
        compare(runContext)
        guard rank.rank == 0 else { return }
        rank.launch.publishedBefore = trial.published.last
        rank.launch.exitsBefore = trial.exitIDs
        rank.launch.reports[0].resumedID = runContext.resumed.flatMap { trial.id(of: $0.name, seenBy: 0) }
        trial.goBack(to: rank.launch.reports[0], named: runContext.resumed?.name)
        runContext.whenPublished { [rank] set in rank.launch.published(set) }
    }

    override func onTrainStepBegin(_ runContext: RunContext) {
        if rank.rank == 0 { rank.launch.phase = .train }
        rank.surroundings.sleep(for: rank.launch.stepTime(of: rank.rank))
        guard rank.launch.stalling == rank.rank else { return }
        rank.launch.stalling = nil
        rank.surroundings.sleep(for: TrialLaunch.stallTime)
    }

    override func onTrainStepEnd(_ runContext: RunContext) throws {
        rank.launch.reports[rank.rank].step = runContext.position.step
        rank.launch.note("has made step \(runContext.position.step)", rank: rank.rank)
        compare(runContext)
        if rank.launch.calling == rank.rank {
            (rank.launch.calling, rank.launch.called) = (nil, runContext.position.step)
            rank.launch.note("a callback asks for a stop", rank: rank.rank)
            runContext.requestStop()
        }
        guard rank.launch.failing == rank.rank else { return }
        rank.launch.failing = nil
        rank.launch.excuses.insert(.failures)
        throw GhostFailure()
    }

    private func compare(_ runContext: RunContext) {
        let step = runContext.position.step
        let arguments = runContext.originalArgs()
        let state = (arguments.network.parameters + (arguments.optimizer?.state ?? [])).map(Ghost.bytes)
        let parts = rank.launch.tensorParts
        guard trial.trace.holds(state, part: rank.rank % parts, of: parts, afterStep: step) else {
            return trial.violates(
                .bitsAreTheSame,
                "rank \(rank.rank) of launch \(rank.launch.number + 1) has other values after step \(step)")
        }
    }
}
