import Checkpoints
public import Collectives
public import Files
import Foundation
public import Logging
import Stopping
public import SystemPackage
public import Training

/// Keeps `status.json` in the directory of a run: at its begin, at checkpoints, at a stop, and at its end.
///
/// Put it first in the list, so that it hears of the end last. Rank 0 writes, and no step waits for it. A status that
/// cannot be written is no reason to end a run. A run that is killed leaves what it said last, so that is always true
/// of what can be carried on.
public final class StatusReport: Callback {
    private let directory: FilePath
    private let files: any FileSystem
    private let file: StatusFile
    private let logger: Logger
    private let surroundings: any Surroundings
    private var status = RunStatus()
    private var context: RunContext?
    private var firstStep: Int?
    private var isBegun = false

    /// Makes a report in a directory, which is made if it is not there.
    public init(
        directory: FilePath, logger: Logger = Logger(label: "StatusReport"),
        files: any FileSystem = LocalFileSystem(), surroundings: any Surroundings = .system
    ) {
        self.directory = directory
        self.logger = logger
        self.files = files
        self.surroundings = surroundings
        file = StatusFile(in: directory, files: files)
    }

    /// Only the training is reported.
    public override var hearsValidation: Bool { false }

    /// Says that a run starts, and on which processes, before it does what `body` does to be able to train: from now on it
    /// can be asked to stop, and what keeps it from training is on record. All ranks together.
    ///
    /// - Throws: what `body` throws.
    public func starting<Result>(in world: any Communicator, _ body: () throws -> Result) throws -> Result {
        try begin(in: world)
        isBegun = true
        do {
            return try body()
        } catch {
            status.error = "\(error)"
            write(.failed, in: world, step: 0)
            if world.rank == 0 { try? file.giveUpReserve() }
            throw error
        }
    }

    /// What keeps a run from loading is on record too: then no hook is called but the last.
    public override func contribute(to runContext: RunContext) {
        if isBegun { context = runContext }
    }

    /// Says that the run starts, and on which processes.
    public override func onTrainBegin(_ runContext: RunContext) throws {
        firstStep = nil
        context = runContext
        runContext.whenStopping { [unowned self] in noteStop($0) }
        runContext.whenPublished { [unowned self] in note($0) }
        try runContext.meet()
        if !isBegun { try begin(in: runContext.world) }
        isBegun = false
    }

    private func begin(in world: any Communicator) throws {
        status = RunStatus()
        status.launch = surroundings.unguessableName()
        firstStep = nil
        let own = RunStatus.RankProcess(
            rank: world.rank, host: surroundings.host, processIdentifier: surroundings.processIdentifier)
        let all = try world.gather(Array(JSONEncoder().encode(own)), to: 0)
        try world.together {
            guard world.rank == 0 else { return }
            status.processes = try all.map { try JSONDecoder().decode(RunStatus.RankProcess.self, from: Data($0)) }
            try files.createDirectory(directory)
            keepWhatCanBeCarriedOn()
        }
        write(.starting, in: world, step: 0)
        if world.rank == 0 { file.takeReserve(for: status) }
    }

    /// Until it has loaded, a run that is killed leaves the one before it as it was.
    private func keepWhatCanBeCarriedOn() {
        guard let before = RunStatus.read(in: directory, files: files), before.resumable,
            let manifest = before.manifest, (try? files.status(of: FilePath(manifest))) ?? nil != nil
        else { return }
        status.manifest = manifest
    }

    /// Says that the run makes steps, once.
    public override func onTrainEpochBegin(_ runContext: RunContext) {
        guard status.state == .starting else { return }
        status.manifest = runContext.resumed?.manifest.string
        firstStep = runContext.position.step
        write(.running)
    }

    /// Says how the run ended.
    public override func exit(_ error: (any Error)?) -> Bool {
        defer { context = nil }
        guard let context else { return false }
        status.error = error.map { "\($0)" }
        write(error != nil ? .failed : context.isStoppedEarly ? .stopped : .finished)
        if context.world.rank == 0, !Mutant.reserveStays.isPlanted { try? file.giveUpReserve() }
        return false
    }

    /// An id of this launch.
    var launch: String { status.launch ?? "" }

    /// Notes on rank 0 that a rank is slow, by so many times, or with nil that it is so no more; returns who it is.
    func note(slow rank: Int, factor: Double?) -> RunStatus.SlowRank {
        let host = status.processes.indices.contains(rank) ? status.processes[rank].host : "an unknown host"
        let factor = factor.map { ($0 * 10).rounded() / 10 }
        let slow = RunStatus.SlowRank(rank: rank, host: host, factor: factor ?? 1)
        var others = (status.slow ?? []).filter { $0.rank != rank }
        if factor != nil { others.append(slow) }
        status.slow = others.isEmpty ? nil : others
        write(status.state)
        return slow
    }

    private func noteStop(_ stop: AgreedStop) {
        status.reason = stop.reason.description
        status.requestingRank = stop.rank
        status.request = stop.record
        write(.stopping)
    }

    private func note(_ set: PublishedSet) {
        status.manifest = set.path.string
        if let stop = context?.agreedStop, status.state == .stopping, status.secondsToPublish == nil {
            status.secondsToPublish = stop.noticed.duration(to: surroundings.now) / .seconds(1)
        }
        write(status.state)
    }

    private func write(_ state: RunStatus.State) {
        guard let context else { return }
        write(state, in: context.world, step: context.position.step)
    }

    private func write(_ state: RunStatus.State, in world: any Communicator, step: Int) {
        status.state = state
        guard world.rank == 0 else { return }
        status.step = step
        status.stepsMade = firstStep.map { step - $0 } ?? 0
        if state != .starting, let context { status.run = context.branch.run }
        status.updated = surroundings.date
        status.resumable = status.manifest != nil && state != .finished
        do {
            try file.write(status)
        } catch {
            logger.info("\(error)")
        }
    }
}

extension RunContext {
    /// Whether it was asked to stop before its end, which may lie where it was asked.
    var isStoppedEarly: Bool { agreedStop != nil && !isComplete && !isEndedByCallback }
}
