import Foundation
import Glibc
import Lockstep

/// How this process was started, and the world it belongs to.
final class Launch {
    /// All ranks.
    let world: any Communicator

    /// When this process began.
    let begin = ContinuousClock.now

    private let environment: MPIEnvironment?
    private var watch: SignalWatch
    private let launcher = LauncherWatch()
    private let notice: NoticeWatch?

    /// The signals that ask for a stop if the command line names no others.
    ///
    /// SIGHUP is not among them where `nohup` has switched it off, for the run is to outlive its terminal then.
    static let stopSignals = [SIGTERM, SIGINT, SIGUSR1, SIGXCPU] + (outlivesTerminal ? [] : [SIGHUP])

    private static let outlivesTerminal = SignalWatch.isIgnored(SIGHUP)

    /// Joins the ranks that `mpirun` started, or makes a world of one where nobody did, without any MPI.
    init() throws {
        // First of all, so that a signal asks for a stop from the first moment on.
        watch = try SignalWatch(Self.stopSignals)
        notice = MPIEnvironment.isUnderLauncher ? NoticeWatch() : nil
        environment = MPIEnvironment.isUnderLauncher ? try MPIEnvironment() : nil
        #if DEBUG
            world = environment.map { CheckedCommunicator($0.world) } ?? SoloCommunicator()
        #else
            world = environment?.world ?? SoloCommunicator()
        #endif
        ForcedExit.install(rank: world.rank)
        environment?.outliveLauncher()
    }

    /// What can ask for a stop beside signals and files.
    func stopSources(whenOrphaned: Bool) -> [any StopSource & Sendable] {
        let parent: [any StopSource & Sendable] = whenOrphaned && !Self.outlivesTerminal ? [launcher] : []
        return parent + (notice.map { [$0] } ?? [])
    }

    /// Lets these signals ask for a stop, and no others.
    func listen(for signals: [Int32]) throws {
        watch = try SignalWatch(signals)
    }

    /// Leaves the world. Ranks that cannot reach each other any more are ended by `MPI_Abort`.
    func leave(with outcome: Command.Outcome) -> ExitStatus {
        switch outcome {
        case .ended(let status):
            do {
                try environment?.finalize()
            } catch {
                Console.fail("\(error)")
                return .failure
            }
            return status
        case .lostWorld:
            environment?.abort(code: ExitStatus.failure.rawValue)
            return .failure
        }
    }

    /// How many ranks run on this machine; 1 if nobody says.
    static var ranksOnThisMachine: Int {
        ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) } ?? 1
    }
}
