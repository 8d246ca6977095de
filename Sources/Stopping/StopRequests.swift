public import Collectives
public import Files
public import Logging
public import SystemPackage

/// Listens to everything that can ask for the end of work other than training, such as a generation, an export, or waiting: all
/// ranks agree on it between two pieces of that work.
///
/// ```swift
/// let requests = try StopRequests(to: [SIGTERM], in: world)
/// while requests.stop == nil {
///     …
///     try requests.agree()
/// }
/// ```
public final class StopRequests {
    /// The request that all ranks have agreed on; nil until they have.
    public package(set) var stop: AgreedStop?

    /// What is asked on this rank.
    package let sources: [any StopSource]
    private let halts: HaltWatch?
    private let options: StopOptions
    private let world: any Communicator
    private let files: any FileSystem
    private let logger: Logger
    private let surroundings: any Surroundings
    private let agreement: StopAgreement

    /// Begins to listen. Of the halt requests in the directory that `options` names, those that come from now on count, and with
    /// `hearsOldHalts` those that are there already.
    ///
    /// - Throws: ``SignalError`` for a number that is no signal or one that cannot be caught.
    public convenience init(
        to signals: [Int32], configFile: FilePath? = nil, _ options: StopOptions = StopOptions(),
        hearsOldHalts: Bool = false, in world: any Communicator,
        logger: Logger = Logger(label: "StopRequests"), files: any FileSystem = LocalFileSystem(),
        surroundings: any Surroundings = .system
    ) throws {
        try self.init(
            to: signals, configFile: configFile, options, hearsOldHalts: hearsOldHalts, in: world, logger: logger,
            files: files, surroundings: surroundings, warned: GivenWarnings())
    }

    /// The same for a part of a run, which may have given warnings before.
    package init(
        to signals: [Int32], configFile: FilePath?, _ options: StopOptions, hearsOldHalts: Bool,
        in world: any Communicator, logger: Logger = Logger(label: "StopRequests"), files: any FileSystem,
        surroundings: any Surroundings, warned: GivenWarnings
    ) throws {
        self.options = options
        self.world = world
        let logger = logger.saying(onceFor: world)
        self.logger = logger
        self.files = files
        self.surroundings = surroundings
        agreement = StopAgreement(world: world)
        let pace = RunPace()
        halts = options.makeHalts(
            hearsOld: hearsOldHalts, pace: pace, files: files, logger: logger, in: surroundings)
        sources =
            try options.makeSources(
                signals, configFile: configFile, stateBytes: 0, pace: pace, files: files, logger: logger,
                warned: warned, in: surroundings)
            + [halts].compactMap { $0.map { FileRequests($0, every: options.pollInterval, in: surroundings) } }
    }

    /// Joins what all ranks have to say: notes a stop that any of them was asked for, and throws on all ranks if any gives
    /// a failure.
    ///
    /// - Returns: the highest of the values that the ranks bring.
    /// - Throws: `RankFailure`, or in a world of one the failure itself; `CollectiveError`.
    @discardableResult
    public func agree(_ failure: (any Error)? = nil, bringing value: Int64 = 0) throws -> Int64 {
        if world.size == 1, let failure { throw failure }
        let asked = sources.weightiestRequest
        let (decision, highest) = try agreement.join(asked?.reason, failed: failure != nil, value: value)
        switch decision {
        case .goOn, .notFinite: break
        case .stop(let reason, let rank):
            guard stop == nil else { break }
            let agreed = try AgreedStop(
                reason, broadcasting: world.rank == rank ? asked?.details() : nil, from: rank, over: world,
                in: surroundings)
            logger.notice("\(agreed)")
            stop = agreed
        case .fail(let rank): throw try world.broadcastFailure(failure, from: rank)
        }
        return highest
    }

    /// What this rank was asked, in words, whatever the others were asked; nil if nothing.
    public var ownRequest: String? { sources.weightiestRequest.map { $0.details().explanation ?? "\($0.reason)" } }

    /// Removes the halt requests that have taken effect, unless a training runs in the directory: they are meant for it.
    public func settle() {
        guard stop != nil, !options.hasTraining(files: files) else { return }
        halts?.settle()
    }
}

extension StopOptions {
    /// What can ask, without halt requests.
    package func makeSources(
        _ signals: [Int32], configFile: FilePath?, stateBytes: Int, pace: RunPace, files: any FileSystem,
        logger: Logger, warned: GivenWarnings, in surroundings: any Surroundings
    ) throws(SignalError) -> [any StopSource] {
        let file = configFile.map { ExitConfigFile($0, files: files, logger: logger, in: surroundings) }
        // What is wrong with it is said now, not when somebody wants to stop the run.
        file?.warnIfMissing(unless: warned)
        file?.look()
        let fileRequests = file.map { FileRequests($0, every: pollInterval, in: surroundings) }
        return [try SignalWatch(signals, in: surroundings)] + [fileRequests].compactMap { $0 }
            + deadlines.map { DeadlineWatch($0, stateBytes: stateBytes, pace: pace, in: surroundings) } + sources
    }

    /// Whether a training runs in the directory, by its own status.
    package func hasTraining(files: any FileSystem) -> Bool {
        guard let runDirectory, let status = RunStatus.read(in: runDirectory, files: files) else { return false }
        return [.starting, .running, .stopping].contains(status.state)
    }

    /// The halt requests of the directory, if one is named, with or without those that are there already.
    package func makeHalts(
        hearsOld: Bool, pace: RunPace, files: any FileSystem, logger: Logger, in surroundings: any Surroundings
    ) -> HaltWatch? {
        guard let runDirectory else { return nil }
        let directory = HaltDirectory(ofRun: runDirectory, files: files)
        let old = hearsOld ? [] : (try? directory.ids()) ?? []
        return HaltWatch(
            directory, answered: nil, ignoring: Set(old), pace: pace, logger: logger, in: surroundings)
    }
}

extension [any StopSource] {
    /// The weightiest reason to stop that any of them has, and what is known of it.
    package var weightiestRequest: (reason: StopReason, details: () -> StopDetails)? {
        var weightiest: (reason: StopReason, details: () -> StopDetails)?
        for source in self {
            guard let reason = source.poll(), weightiest.map({ $0.reason < reason }) ?? true else { continue }
            weightiest = (reason, { source.details })
        }
        return weightiest
    }
}
