public import Foundation

/// A program of this package under `mpirun`.
///
/// ```swift
/// let outcome = try MPIRun(ranks: 4, "RankCases", ["overlap"]).run()
/// #expect(outcome.exitCode == 0, "\(outcome)")
/// ```
public struct MPIRun {
    /// What starts the ranks.
    public enum Launcher: Sendable {
        /// `mpirun` itself.
        case mpirun

        /// `launch/run`, which starts `mpirun`; nothing is built.
        case script

        /// The words of another command, which knows by itself what to start, and how often.
        case command([String])
    }

    /// A rank that is started differently from the others.
    public struct OtherRank: Sendable {
        /// What follows the program on its command line.
        public let arguments: [String]

        /// Its working directory; nil for that of all.
        public let directory: String?

        /// Describes a rank.
        public init(_ arguments: [String], directory: String? = nil) {
            self.arguments = arguments
            self.directory = directory
        }
    }

    /// How many ranks to start; they may be more than there are cores.
    public let ranks: Int

    /// The last of them, if they are started differently; not by the script.
    public let otherRanks: [OtherRank]

    /// The name of the executable target, or a path from the root.
    public let program: String

    /// What follows the program on the command line.
    public let arguments: [String]

    /// Added to the environment of this process.
    public let environment: [String: String]

    /// What starts the ranks.
    public let launcher: Launcher

    /// More options of the launcher.
    public let options: [String]

    /// What the launcher itself is started by: the words of a command that runs what follows it.
    public let prefix: [String]

    /// How long the program may take before it counts as hanging.
    ///
    /// It says nothing about speed: far more than any test needs on the slowest machine.
    public let limit: TimeInterval

    /// Describes a run.
    public init(
        ranks: Int, _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        launcher: Launcher = .mpirun, options: [String] = [], prefix: [String] = [], otherRanks: [OtherRank] = [],
        limit: TimeInterval = 300
    ) {
        self.ranks = ranks
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.launcher = launcher
        self.options = options
        self.prefix = prefix
        self.otherRanks = otherRanks
        self.limit = limit
    }

    /// Runs the program to its end; throws ``MPIRunHang`` if it does not come to one.
    public func run() throws -> MPIRunOutcome {
        try start().wait()
    }

    /// Starts the program and returns at once, for tests that do something to it.
    public func start() throws -> RunningMPI {
        let process = Process()
        // The thread of a test blocks most signals and its children inherit that; `env` lets them through again.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["--default-signal"] + command
        let asRoot = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
        process.environment = ProcessInfo.processInfo.environment
            .merging(asRoot) { $1 }
            .merging(environment) { $1 }
        return try RunningMPI(process, limit: limit)
    }

    private var command: [String] {
        let file = Self.path(of: program)
        switch launcher {
        case .mpirun:
            // -q: what the ranks say about a failure is what tests look at, not mpirun's lines below it.
            // ob1 is what Open MPI takes on one machine; looking at all others first takes a fifth of a second.
            let sharing = [
                "-q", "--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1", "--mca", "pml",
                "ob1",
            ]
            let first = ["-n", "\(ranks - otherRanks.count)", file] + arguments
            let others = otherRanks.flatMap { other in
                [":", "-n", "1"] + (other.directory.map { ["-wdir", $0] } ?? []) + [file] + other.arguments
            }
            return prefix + ["mpirun"] + sharing + options + first + others
        case .script:
            let script = Self.checkout.appending(path: "launch/run").path(percentEncoded: false)
            return prefix + [script, "-n", "\(ranks)"] + options + ["--program", file, "--"] + arguments
        case .command(let words):
            return prefix + words + options + arguments
        }
    }

    /// The file of an executable target; a path from the root stays what it is.
    public static func path(of program: String) -> String {
        guard !program.hasPrefix("/") else { return program }
        return BuiltProgram.file(program).path(percentEncoded: false)
    }

    /// The folder with `launch`, `Sources` and `Tests`.
    public static let checkout = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}
