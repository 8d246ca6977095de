import CEarlySignals
import Foundation
import Glibc
public import Lockstep
import Logging
import Simulation
import SystemPackage

/// How this process was started, and the world it belongs to.
public final class Launch {
    /// All ranks.
    public let world: any Communicator

    /// The options of the training that is asked for, wherever they come from; nil for other commands.
    var configuration: RunConfiguration?

    /// The time, threads and numbers of this process.
    public let surroundings: any Surroundings

    /// When this process began.
    let begin: ContinuousClock.Instant

    private let program: String
    private let environment: MPIEnvironment?
    private var watch: SignalWatch
    private let launcher: LauncherWatch?
    let isSimulated: Bool
    private let notice: NoticeWatch?

    /// What speaks against a world of one. Read before MPI starts, which gives a lone process variables of its own.
    private let claim = LauncherClaim.contradiction(in: ProcessInfo.processInfo.environment)

    /// The signals that ask for a stop if the command line names no others.
    static let stopSignals = StopPlan.usualSignals

    /// Joins the ranks that `mpirun` started, or makes a world of one where nobody did, without any MPI.
    init(of program: String, in surroundings: any Surroundings) throws {
        self.program = program
        self.surroundings = surroundings
        begin = surroundings.now
        // First of all; what came before is on record already.
        watch = try SignalWatch(Self.stopSignals, in: surroundings, adopting: EarlySignal.all)
        launcher = LauncherWatch(in: surroundings) { MPIEnvironment.hasLostLauncher }
        notice = MPIEnvironment.isUnderLauncher ? NoticeWatch(in: surroundings) : nil
        environment = MPIEnvironment.isUnderLauncher ? try MPIEnvironment() : nil
        #if DEBUG || LOCKSTEP_MUTANTS
            world = environment.map { CheckedCommunicator($0.world) } ?? SoloCommunicator()
        #else
            world = environment?.world ?? SoloCommunicator()
        #endif
        ForcedExit.install(program: program, rank: world.rank)
        environment?.outliveLauncher()
        isSimulated = false
    }

    /// Joins a simulated rank, which hears the signals of its process and has no launcher.
    init(of program: String, simulated rank: SimulatedRank) throws {
        self.program = program
        surroundings = rank.surroundings
        begin = surroundings.now
        watch = try SignalWatch(Self.stopSignals, in: surroundings, adopting: EarlySignal.all)
        launcher = nil
        notice = nil
        environment = nil
        world = rank.world
        isSimulated = true
    }

    /// What can ask for a stop beside signals and files.
    func stopSources(whenOrphaned: Bool) -> [any StopSource & Sendable] {
        let parent = whenOrphaned && !StopPlan.outlivesTerminal ? launcher : nil
        let sources: [(any StopSource & Sendable)?] = [parent, notice]
        return sources.compactMap { $0 }
    }

    /// Listens for a command that does not train, from now on: what the options name can ask it to stop.
    public func requests(_ options: RunOptions, _ stopping: StopArguments) throws -> StopRequests {
        try listen(for: options.signals)
        return try stopping.plan(self, options).listen(
            in: world, runDirectory: FilePath(text: options.directory), files: LocalFileSystem(),
            surroundings: surroundings)
    }

    /// Lets these signals ask for a stop, and no others.
    func listen(for signals: [Int32]) throws {
        watch = try SignalWatch(signals, in: surroundings)
    }

    /// How a command ended.
    enum Outcome {
        /// All ranks end with this status.
        case ended(ExitStatus)
        /// The ranks cannot reach each other any more.
        case lostWorld
    }

    /// Leaves the world. Ranks that cannot reach each other any more are ended by `MPI_Abort`.
    func leave(with outcome: Outcome) -> ExitStatus {
        switch outcome {
        case .ended(let status):
            do {
                try environment?.finalize()
            } catch {
                Console.fail("\(error)", by: program)
                return .failure
            }
            return status
        case .lostWorld:
            environment?.abort(code: ExitStatus.failure.rawValue)
            return .failure
        }
    }

    /// Refuses to run alone where a launcher has started several: each of them would do the whole work, and write over the
    /// others. Where that cannot be known, it is said.
    ///
    /// - Throws: `RunFailure`.
    func refuseFalseSolitude() throws {
        guard world.size == 1, !isSimulated, let claim else { return }
        guard !claim.isCertain else { throw RunFailure(FalseSolitude(description: "\(claim)"), .configuration) }
        Logger(label: program).warning("\(claim)")
    }

    /// How many ranks run on this machine; 1 if nobody says.
    static var ranksOnThisMachine: Int {
        ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { OutsideNumber($0)?.value } ?? 1
    }
}

/// A process that has come up alone though it is one of several.
private struct FalseSolitude: Error, CustomStringConvertible {
    let description: String
}

extension EarlySignal {
    /// The signals that were noted from before the program's first line.
    static func all() -> [EarlySignal] {
        (0..<Int32(early_signal_count)).map { index in
            let noted = early_signal_at(index)
            return EarlySignal(
                number: early_signal_number(index), wasIgnored: noted.was_ignored,
                arrival: noted.came ? (noted.sender, noted.time) : nil)
        }
    }
}
