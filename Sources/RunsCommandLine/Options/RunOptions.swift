public import ArgumentParser
import Foundation
import Glibc
public import Lockstep
import SystemPackage
import Terminal

/// The options that all commands of a program share: which run, on which ranks, and what asks it to stop.
public struct RunOptions: ParsableArguments {
    @Option(help: ConfigurationOption.help)
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Samples of a step, over all ranks together; a multiple of dp. (default: the program's)"))
    var batchSize: Int?

    // A list, so that an axis that is given twice can be refused.
    @Option(
        name: .customLong("dp"), parsing: .singleValue,
        help: ArgumentHelp(
            "Ranks that see other samples. (default: all ranks that share no layers)", valueName: "ranks"))
    var dataSizes: [Int] = []

    /// Where checkpoints are published and looked for.
    @Option(help: "Where checkpoints are published and looked for.")
    public var directory = "out"

    /// The seed of everything random.
    @Option(help: "The seed of everything random.")
    public var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads of a rank. (default: 1 beside other ranks, else one a core)"))
    var threads: Int?

    @Option(help: "Threads of a rank that make the next batch ready while a step runs.")
    var workers = 0

    @Option(
        help: ArgumentHelp(
            "Run so many ranks as threads of one process, without mpirun; on the command line alone.",
            valueName: "count"))
    var simulatedRanks: Int?

    @Option(
        name: .customLong("stop-signal"), parsing: .singleValue,
        help: ArgumentHelp("A signal that asks for a stop; may be repeated. (default: TERM, INT, HUP, USR1, XCPU)"))
    var stopSignals: [StopSignal] = []

    @Option(help: ArgumentHelp("A JSON file that asks for a stop with {\"GracefulExit\": 1}.", valueName: "file"))
    var configFile: String?

    /// Makes the options as they are on an empty command line.
    public init() {}

    /// Throws unless each option has a value that it can have.
    public func validate() throws {
        try checkCount("--batch-size", batchSize, atMost: Self.largestBatch)
        for (option, path) in [("--directory", directory), ("--config-file", configFile)] {
            if path?.isEmpty == true { throw ValidationError("\(option) is empty; it must be a path") }
        }
        try checkAxis(Placement.dataAxis, dataSizes)
        try checkCount("--threads", threads, atMost: 4096)
        guard DataLoader.workerRange.contains(workers) else {
            throw ValidationError("--workers is \(workers); it must be from \(DataLoader.workerLimits)")
        }
    }

    /// The most samples of a step: with more, the sizes of its tensors would be no numbers any more.
    static let largestBatch = 1 << 20

    /// The signals that ask for a stop.
    var signals: [Int32] {
        stopSignals.isEmpty ? Launch.stopSignals : stopSignals.map(\.number)
    }

    /// The cores of this rank, and what records what they do.
    public func makeBackend(profile: Profile? = nil) -> CPUBackend {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return CPUBackend(
            threads: threads ?? (simulatedRanks ?? Launch.ranksOnThisMachine > 1 ? 1 : cores), profile: profile)
    }

    /// What a task of these options is made for, all ranks together.
    func setting(in world: any Communicator, tensorParts: Int) throws -> TaskSetting {
        TaskSetting(
            world: world, placement: try placement(in: world, tensorParts: tensorParts), seed: seed,
            batchSize: batchSize, workers: workers)
    }

    /// The mesh, which depends on the command line and the number of ranks only: all ranks throw, or none.
    func placement(in world: any Communicator, tensorParts: Int) throws -> Placement {
        do {
            let dp = dataSizes.first ?? max(world.size / max(tensorParts, 1), 1)
            return try Placement(dp: dp, tp: tensorParts, rank: world.rank, of: world.size)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}

/// Throws unless an axis of the mesh has one size, of at least 1, or none.
package func checkAxis(_ axis: String, _ sizes: [Int]) throws {
    guard sizes.count <= 1 else {
        let all = sizes.map { "\($0)" }.joined(separator: " and ")
        throw ValidationError("--\(axis) is given \(sizes.count) times, as \(all); a mesh has one axis \(axis)")
    }
    if let size = sizes.first, size < 1 {
        throw ValidationError("--\(axis) is \(size); it must be at least 1")
    }
}

/// A signal by name or number: TERM, SIGTERM, 15.
struct StopSignal: ExpressibleByArgument {
    let number: Int32

    init?(argument: String) {
        guard let number = SignalName.number(of: argument) else { return nil }
        self.number = number
    }
}
