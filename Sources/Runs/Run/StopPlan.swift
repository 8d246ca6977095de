package import Collectives
public import Files
import Foundation
import Glibc
public import Stopping
public import SystemPackage

/// What can ask a run to stop, beside callbacks.
public struct StopPlan: Sendable {
    /// The signals that ask.
    public var signals: [Int32]

    /// A JSON file that asks with `{"GracefulExit": 1}`.
    public var configFile: FilePath?

    /// Whether halt requests in the run's directory ask, as `trainer stop` and `launch/stop` leave them.
    public var hearsHaltRequests: Bool

    /// When the run is to have saved and ended; the first of them counts.
    public var deadlines: [Deadline]

    /// What else can ask.
    public var sources: [any StopSource & Sendable]

    /// How long the launcher lets the ranks go on when it is told to end them; nil if that is not known.
    public var launcher: LauncherLimit?

    /// Chooses what can ask; nothing by default but halt requests.
    public init(
        signals: [Int32] = [], configFile: FilePath? = nil, hearsHaltRequests: Bool = true, deadlines: [Deadline] = [],
        sources: [any StopSource & Sendable] = [], launcher: LauncherLimit? = nil
    ) {
        self.signals = signals
        self.configFile = configFile
        self.hearsHaltRequests = hearsHaltRequests
        self.deadlines = deadlines
        self.sources = sources
        self.launcher = launcher
    }

    /// The signals that people and schedulers ask by. SIGHUP is not among them where `nohup` has switched it off, for the run
    /// is to outlive its terminal then.
    package static let usualSignals = [SIGTERM, SIGINT, SIGUSR1, SIGXCPU] + (outlivesTerminal ? [] : [SIGHUP])

    /// Whether `nohup` has switched SIGHUP off. It is found out once, before anybody listens to that.
    package static let outlivesTerminal = SignalWatch.isIgnored(SIGHUP)

    /// What people and schedulers ask by: TERM, INT, HUP, USR1 and XCPU to any rank, halt requests, the end of Slurm's
    /// allocation, mpirun's notice, and the end of the launcher. Under `nohup`, which switches HUP off, a run outlives both
    /// its terminal and its launcher.
    public static var usual: StopPlan { usual(in: .system) }

    /// The same for a rank with these surroundings.
    public static func usual(in surroundings: any Surroundings) -> StopPlan {
        let environment = ProcessInfo.processInfo.environment
        let notice: [any StopSource & Sendable] =
            environment["OMPI_COMM_WORLD_RANK"] == nil ? [] : [NoticeWatch(in: surroundings)]
        return StopPlan(
            signals: usualSignals,
            deadlines: [Deadline.endOfSlurmAllocation(in: surroundings)].compactMap { $0 },
            sources: (outlivesTerminal ? [] : [LauncherWatch(in: surroundings)]) + notice,
            launcher: LauncherLimit(environment: environment))
    }

    /// Listens from now on, outside of a training: to halt requests in `runDirectory` that come from now on, and to those
    /// that lie there if they count.
    package func listen(
        in world: any Communicator, runDirectory: FilePath?, hearsOldHalts: Bool = false,
        files: any FileSystem, surroundings: any Surroundings, warned: GivenWarnings = GivenWarnings()
    ) throws -> StopRequests {
        try StopRequests(
            to: signals, configFile: configFile, options(runDirectory: runDirectory), hearsOldHalts: hearsOldHalts,
            in: world, files: files, surroundings: surroundings, warned: warned)
    }

    /// The same for the callbacks of a run in a directory.
    package func options(runDirectory: FilePath?) -> StopOptions {
        StopOptions(
            runDirectory: hearsHaltRequests ? runDirectory : nil, deadlines: deadlines, sources: sources,
            launcher: launcher)
    }
}
