import Checkpoints
import Ciphers
public import Collectives
public import Datasets
import Drills
public import Files
import Logging
import Reporting
import Stopping
public import SystemPackage
public import Training

/// One training in a directory, from its first step to its last, over as many launches as it takes.
///
/// ```swift
/// let run = try Run(in: "out", world: world, plan: RunPlan(saves: [.every(steps: 100), .onStop], keep: .latest(5)))
/// let outcome = try run.fit(model, epochs: 20, data, callbacks: [LossMonitor()])
/// ```
///
/// It keeps other runs out of its directory, hears whatever its ``RunPlan`` lets ask for a stop, carries on from the set
/// that is there, saves, and says in `status.json` how far it is. All ranks make one and do the same with it.
public final class Run {
    /// Where its sets are published and looked for.
    public let directory: FilePath

    /// All ranks, for the model: what they do together is noted for the watchdog.
    public let world: any Communicator

    /// What it does beside making steps.
    public private(set) var plan: RunPlan

    /// How it has gone so far.
    public private(set) var outcome = RunOutcome()

    /// What it saves to and loads from; drills strike it.
    package let files: any FileSystem

    /// The same without drills, for what comes before they do and beside them.
    private let plainFiles: any FileSystem
    private let surroundings: any Surroundings
    private let newDirectory: NewDirectory
    private let status: StatusReport
    private let account: AccountKeeper
    private let owner: RunOwner
    private let warned = GivenWarnings()
    private let watchdog: Watchdog?
    private let drills: DrillRunner?
    private var state = State.new

    private enum State {
        case new
        /// It holds its directory, of which rank 0 has the lock, and hears from now on.
        case ready(RunLock?, StopRequests)
        case over
    }

    /// Plans a run; nothing is written yet.
    ///
    /// - Throws: ``RunPlanError`` for a plan that cannot be followed, `DrillError` for a drill that cannot happen.
    public init(
        in directory: String, world: any Communicator = SoloCommunicator(), plan: RunPlan = RunPlan(),
        files: any FileSystem = LocalFileSystem(), surroundings: any Surroundings = .system
    ) throws {
        guard !directory.isEmpty else { throw RunPlanError.noDirectory }
        try plan.check()
        self.plan = plan
        self.surroundings = surroundings
        plainFiles = files
        let path = FilePath(text: directory)
        self.directory = path
        newDirectory = NewDirectory(path, on: files)
        watchdog = plan.watchdog.map {
            Watchdog(
                timeout: $0, directory: path, exitCode: ExitStatus.noProgress.rawValue, files: files)
        }
        let time = CollectiveTime { surroundings.now }
        self.world = TimedCommunicator(watchdog?.watch(world) ?? world, counting: time)
        drills = try plan.makeDrillRunner(in: path, world: world, files, surroundings)
        self.files = drills.map { DrillFileSystem(files, directory: path, runner: $0) } ?? files
        status = StatusReport(directory: path, files: files, surroundings: surroundings)
        account = AccountKeeper(
            directory: path, rule: plan.stragglers, status: status, files: files, surroundings: surroundings)
        owner = RunOwner(plan, directory: path, files: self.files)
    }

    /// Takes hold of the directory, then does what `body` does to be able to train: from now on the run can be asked to
    /// stop, and what keeps it from training is on record. All ranks together.
    ///
    /// - Parameter say: Hears on rank 0, in a sentence, that another run is waited for, and what stays of interrupted saves; by
    ///   default the log does.
    /// - Returns: nil if the run was asked to stop while another one left the directory.
    /// - Throws: `RunLockError` if that one stays; what `body` throws.
    public func prepare<Result>(
        saying say: ((String) -> Void)? = nil, _ body: () throws -> Result
    ) throws -> Result? {
        guard try hold(say ?? { Logger(label: "Run").warning("\($0)") }) else { return nil }
        return try newDirectory.kept(by: world) {
            try status.starting(in: world) {
                try account.starting(in: world) {
                    try world.together { try drills?.reach(.startup) }
                    return try body()
                }
            }
        }
    }

    /// Trains for `epochs` epochs in all, or what is left of them: to the end, or to a stop that all ranks agree on.
    ///
    /// - Returns: how the run went, the same on all ranks.
    /// - Throws: ``RunFailure`` if the run was asked to stop and could not save; `RunLockError`; what `Model.fit` throws.
    @discardableResult
    public func fit(
        _ model: Model, epochs: Int, _ data: DataLoader, validation: DataLoader? = nil,
        validFrequency: ValidationFrequency = .every(1), callbacks: [Callback] = []
    ) throws -> RunOutcome {
        if case .new = state { try prepare {} }
        guard case .ready = state else { return outcome }
        defer { state = .over }
        let exit = try plan.makeExit(in: directory, files, warned: warned)
        let before: [Callback?] = [status, account, owner, exit]
        // Behind the others, so that a set holds what they have counted in its step.
        let saves = try plan.makeModelCheckpoint(in: directory, files)
        do {
            try model.fit(
                epochs, data, validation, validFrequency: validFrequency,
                callbacks: watching + before.compactMap { $0 } + callbacks + [saves].compactMap { $0 },
                surroundings: surroundings)
        } catch  where exit.stop != nil && !(error is CollectiveError || error is NonFiniteError) {
            throw RunFailure(error, Mutant.failedSaveExitsWithZero.isPlanted ? .success : .saveFailed)
        }
        try RanksApart.check(step: owner.position.step, in: world)
        outcome = RunOutcome(owner, exit)
        return outcome
    }

    /// Measures samples, as the plan is watched and can be stopped.
    ///
    /// - Returns: what was measured; nil if somebody asked for the end of that.
    /// - Throws: what `Model.eval` throws.
    public func eval(_ model: Model, _ data: DataLoader, callbacks: [Callback] = []) throws -> [String: Double]? {
        let requests = try plan.stops.listen(
            in: world, runDirectory: directory, hearsOldHalts: true, files: plainFiles, surroundings: surroundings,
            warned: warned)
        let results = try model.eval(
            data, callbacks: watching + callbacks, requests: requests, surroundings: surroundings)
        requests.settle()
        return results.isEmpty ? nil : results
    }

    /// What training takes of this rank's memory; nothing is computed. All ranks together.
    ///
    /// - Throws: what `Model.trainingMemory` throws.
    package func trainingMemory(
        of model: Model, for data: DataLoader, testing test: DataLoader?, callbacks: [Callback]
    ) throws -> TrainingMemory {
        let saves: [Callback?] = [
            try plan.makeExit(in: directory, files, warned: warned),
            try plan.makeModelCheckpoint(in: directory, files),
        ]
        return try model.trainingMemory(for: data, testing: test, callbacks: saves.compactMap { $0 } + callbacks)
    }

    /// Calls the files of a stop by what is trained, where that is known only once the run is prepared.
    package func nameFiles(after name: String) { plan.name = name }

    /// What lets drills strike in an evaluation inside the training.
    package var drilling: [Callback] { drills.map { [DrillCallback($0)] } ?? [] }

    /// What comes before all other callbacks.
    private var watching: [Callback] { (watchdog.map { [$0] } ?? []) + drilling }

    /// Waits until no other run holds the directory; returns whether this one does now.
    private func hold(_ say: (String) -> Void) throws -> Bool {
        guard case .new = state else { return false }
        if Mutant.leftoversOfOthersRemoved.isPlanted, world.rank == 0 { removeLeftovers(say) }
        // A halt request there is for the run that goes on.
        let requests = try plan.stops.listen(
            in: world, runDirectory: nil, files: plainFiles, surroundings: surroundings, warned: warned)
        let held = try RunLock.take(
            directory, in: world, hearing: requests, files: plainFiles, surroundings: surroundings
        ) { holder in
            say("waiting for the run that goes on in \(directory.text) (\(holder)) to leave")
        }
        switch held {
        case .stopped(let stop):
            outcome = RunOutcome(stoppedEarly: stop)
            state = .over
            return false
        case .taken(let lock):
            if lock != nil { removeLeftovers(say) }
            state = .ready(Mutant.lockLetGo.isPlanted ? nil : lock, requests)
            return true
        }
    }

    /// Deletes what interrupted saves have left in the directory, where nobody else saves now.
    private func removeLeftovers(_ say: (String) -> Void) {
        CheckpointDirectory(directory, fileSystem: plainFiles, key: plan.files.encryption?.key).removeLeftovers()
            .forEach(say)
    }
}
