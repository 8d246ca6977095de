import Foundation

/// A program of this package under `mpirun`.
///
/// ```swift
/// let outcome = try MPIRun(ranks: 4, "RankCases", ["overlap"]).run()
/// #expect(outcome.exitCode == 0, "\(outcome)")
/// ```
struct MPIRun {
    /// How many ranks to start; they may be more than there are cores.
    let ranks: Int

    /// The name of the executable target.
    let program: String

    let arguments: [String]

    /// Added to the environment of this process.
    let environment: [String: String]

    /// How long the program may take before it counts as hanging.
    ///
    /// It says nothing about speed: far more than any test needs on the slowest machine.
    let limit: TimeInterval

    init(
        ranks: Int, _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        limit: TimeInterval = 300
    ) {
        self.ranks = ranks
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.limit = limit
    }

    /// Runs the program to its end; throws ``MPIRunHang`` if it does not come to one.
    func run() throws -> MPIRunOutcome {
        try start().wait()
    }

    /// Starts the program and returns at once, for tests that do something to it.
    func start() throws -> RunningMPI {
        let options = ["--oversubscribe", "--bind-to", "none", "-n", "\(ranks)", "--mca", "mpi_yield_when_idle", "1"]
        let process = Process()
        // The thread of a test blocks most signals and its children inherit that; `env` lets them through again.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["--default-signal", "mpirun"] + options + [Self.products.appending(path: program).path()] + arguments
        let asRoot = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
        process.environment = ProcessInfo.processInfo.environment
            .merging(asRoot) { $1 }
            .merging(environment) { $1 }
        return try RunningMPI(process, limit: limit)
    }

    /// Where the executables of this package lie: beside the test bundle, which on Linux is the running program.
    static let products = (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]))
        .deletingLastPathComponent()
}

/// How a program under `mpirun` ended.
struct MPIRunOutcome: CustomStringConvertible {
    let exitCode: Int32
    let output: String
    let errors: String

    var description: String { "exit code \(exitCode)\n--- output\n\(output)\n--- errors\n\(errors)" }
}

/// A program under `mpirun` that did not end in time and was killed.
struct MPIRunHang: Error, CustomStringConvertible {
    let limit: TimeInterval
    let outcome: MPIRunOutcome

    var description: String { "not ended after \(limit) seconds, so it was killed: \(outcome)" }
}
