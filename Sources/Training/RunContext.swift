package import Checkpoints
public import Collectives
package import Execution
public import Files
import Graphs
public import Layouts
package import Records
public import Stopping
package import SystemPackage
package import Watching

/// What a callback is given: the state of the run, and the way to ask for its end (MindSpore's `RunContext`).
public final class RunContext {
    private let parameters: CallbackParameters
    let run: RunState
    /// What a callback of this rank has asked for.
    private var wish: StopReason?

    init(_ parameters: CallbackParameters, run: RunState) {
        self.parameters = parameters
        self.run = run
    }

    /// The state of the run; the same object throughout it (MindSpore's `original_args()`).
    public func originalArgs() -> CallbackParameters { parameters }

    /// Asks for the end after the step under way. It cannot be taken back. Asking on one rank is enough: all ranks
    /// stop after the same step.
    public func requestStop() {
        wish = max(wish ?? .callback, .callback)
    }

    /// Asks for the end after the step under way, for good: where ``requestStop()`` interrupts a run, this finishes it, and
    /// the same command does not carry it on. ``EarlyStopping`` does so.
    public func requestEnd() {
        wish = .ended
    }

    /// Whether this rank has asked for the end, by a callback or from outside, or all ranks have agreed on it. What is
    /// asked for in a hook is known to the callbacks after it in the same hook.
    public func getStopRequested() -> Bool { agreedStop != nil || request != nil }

    /// The request that all ranks have agreed on, once they have.
    public internal(set) var agreedStop: AgreedStop?

    /// All ranks of the run.
    public var world: any Communicator { run.world }

    /// The time, threads and numbers of this rank, for callbacks too: whoever takes them from elsewhere cannot be simulated.
    public var surroundings: any Surroundings { run.surroundings }

    /// How the ranks are laid out.
    public var mesh: DeviceMesh { run.mesh }

    /// What records what the run does; nil if nobody wants to know.
    package var profile: Profile? { run.profile }

    /// Adds something that can ask for a stop; it is asked after each step of training, validation and evaluation
    /// until the run ends.
    public func addStopSource(_ source: any StopSource) {
        run.stopSources.append(source)
    }

    /// Calls `body` on every rank when all have made their last step before an agreed stop, and begin to leave.
    public func whenStopping(_ body: @escaping (AgreedStop) -> Void) {
        run.stopObservers.append(body)
    }

    /// Calls `body` on every rank when a set of the run is published, with its manifest.
    public func whenPublished(_ body: @escaping (PublishedSet) -> Void) {
        run.publishObservers.append(body)
    }

    /// Lets `body` make the run carry on an earlier one, before the first hook of a training. The first who asks for this
    /// does it.
    package func resume(by body: @escaping () throws -> Void) {
        if run.resumption == nil { run.resumption = body }
    }

    /// Says that a callback saves sets of its own, and how it knows them: by their name and directory.
    package func addSetOwner(_ owns: @escaping (String, FilePath) -> Bool) { run.setOwners.append(owns) }

    /// Whether a set may be one that a callback of this run has saved.
    package func ownsSet(named name: String, in directory: FilePath) -> Bool {
        run.setOwners.contains { $0(name, directory) }
    }

    /// Where the run stands and continues from. Setting it in `onTrainBegin` makes training begin there.
    public var position: RunPosition {
        get { run.position }
        set { run.position = newValue }
    }

    /// Waits for all ranks. Call it first in a hook that uses ``world``: if another rank has failed before it came here,
    /// this throws its failure instead of leaving this rank alone in a collective.
    ///
    /// - Returns: the highest of the values that the ranks bring, so that they can decide something together.
    /// - Throws: `RankFailure` on all ranks if one failed.
    @discardableResult
    public func meet(bringing value: Int64 = 0) throws -> Int64 { try agree(bringing: value) }

    /// Joins the marks of all ranks: throws on all of them if one failed, and notes a stop that one asked for.
    @discardableResult
    package func agree(
        _ failure: (any Error)? = nil, bringing value: Int64 = 0, endingStep isStep: Bool = false
    ) throws -> Int64 {
        let asked = request
        let (decision, highest) = try run.agreement.join(
            asked?.reason, failed: failure != nil, isFinite: run.finiteness.failure == nil, value: value,
            step: position.step, clock: isStep ? clock : nil)
        if isStep, let step = clock.endStep(slowest: run.agreement.slowest) {
            for observer in run.stepObservers { observer(step) }
        }
        switch decision {
        case .goOn:
            if Mutant.stopReadAfterReduce.isPlanted, let late = request {
                try note(late.reason, of: world.rank, late.details)
            }
        case .stop(let reason, let rank): try note(reason, of: rank, asked?.details)
        case .fail(let rank): throw try world.broadcastFailure(failure, from: rank)
        case .notFinite(let rank): throw try nonFiniteError(from: rank)
        }
        return highest
    }

    /// What looks whether the run still computes with numbers.
    package var finiteness: FinitenessCheck { run.finiteness }

    /// How its epochs and callbacks stand together.
    package var epochs: EpochState {
        get { run.epochState }
        set { run.epochState = newValue }
    }

    /// What changes what the run computes; found on rank 0 alone, which describes sets.
    package var settings: RunSettings { run.settings }

    /// Notes a stop that is agreed on, the first one and each that weighs more; all ranks do so at the same time.
    private func note(_ reason: StopReason, of rank: Int, _ own: (() -> StopDetails)?) throws {
        let isAnnounced = agreedStop?.step != nil
        if let agreedStop {
            // What was announced stays, unless only now somebody outside asks.
            guard reason > agreedStop.reason, !isAnnounced || !agreedStop.reason.isUrgent else { return }
        }
        agreedStop = try AgreedStop(
            reason, broadcasting: world.rank == rank ? own?() : nil, from: rank, over: world, in: surroundings)
        if isAnnounced { announceStop() }
    }

    /// Notes a stop that all ranks have agreed on in an evaluation that is a part of this training.
    func take(over stop: AgreedStop) {
        guard stop.reason.isUrgent, agreedStop?.reason.isUrgent != true else { return }
        var stop = stop
        stop.step = nil
        agreedStop = stop
    }

    /// The number of the last step of a training.
    package var lastStep: Int { run.epochs * parameters.batchNum }

    /// A run for an evaluation that a callback of this training makes: it hears what the training hears, and is watched as
    /// a part of it.
    func makeEvaluationRun() -> RunState {
        let evaluation = RunState(
            world: world, in: surroundings, mesh: mesh, onNaN: finiteness.policy, pace: pace, whereabouts: whereabouts)
        evaluation.stopSources = run.stopSources
        return evaluation
    }

    /// Where this rank is.
    package var whereabouts: Whereabouts { run.whereabouts }

    /// Tells who wants to hear it that no further step is made, once.
    func announceStop() {
        guard agreedStop?.step == nil, var stop = agreedStop else { return }
        stop.step = parameters.trainNetwork == nil ? parameters.curStepNum : position.step
        agreedStop = stop
        for observer in run.stopObservers { observer(stop) }
    }

    /// Notes that a set is published, on all ranks.
    package func didPublish(_ set: PublishedSet) {
        run.pace.note(save: set.duration)
        for observer in run.publishObservers { observer(set) }
    }

    /// What the run carries on from; nil if it began anew.
    public package(set) var resumed: ResumedRun?

    /// The seed of the run: of first values, dropout and the order of samples.
    public var seed: UInt64 { run.seed }

    /// How the run puts its samples in order, if it carries on one that did it so.
    package var shuffling: Shuffling? {
        get { run.shuffling }
        set { run.shuffling = newValue }
    }

    /// What the next set of the run follows.
    package var branch: RunBranch {
        get { run.branch }
        set { run.branch = newValue }
    }

    /// What saves for all callbacks of the run, once one of them has saved; of a type that those who save know.
    package var saver: AnyObject? {
        get { run.saver }
        set { run.saver = newValue }
    }

    /// Where the state is saved when the run stops, and for which reasons; nil if it is not. Whoever saves for this in its hook
    /// ``Callback/onTrainEnd(_:)`` says so before training begins.
    package var stopSet: StopSet? {
        get { run.stopSet }
        set { run.stopSet = newValue }
    }

    /// What is remembered of the sets in a directory, by all who save there.
    package func catalog(of directory: FilePath) -> SetCatalog {
        let place = directory.lexicallyNormalized()
        let catalog = run.catalogs[place] ?? SetCatalog()
        run.catalogs[place] = catalog
        return catalog
    }

    /// How fast the run is.
    package var pace: RunPace { run.pace }

    /// Whether all steps of all epochs have been made.
    public var isComplete: Bool {
        // More epochs than are asked for, if a longer run was carried on.
        position.epoch > run.epochs
            || position.epoch == run.epochs && position.stepInEpoch == parameters.batchNum
    }

    /// What this rank asks for, and what it knows of that.
    private var request: (reason: StopReason, details: () -> StopDetails)? {
        // Whatever else asks weighs more than a callback.
        run.stopSources.weightiestRequest ?? wish.map { ($0, { StopDetails() }) }
    }
}
