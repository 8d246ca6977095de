import ArgumentParser
import Foundation
import Glibc
import Lockstep
import SystemPackage

/// The models that the trainer knows.
enum ModelName: String, CaseIterable, ExpressibleByArgument {
    case lenet5

    /// What its checkpoints are called.
    var fileName: String {
        switch self {
        case .lenet5: "LeNet5"
        }
    }

    /// A new network.
    func makeNetwork() -> any Cell {
        switch self {
        case .lenet5: LeNet5()
        }
    }
}

/// The options that all commands share.
struct RunOptions: ParsableArguments {
    @Option(help: "The model: \(ModelName.allCases.map(\.rawValue).joined(separator: ", ")).")
    var model = ModelName.lenet5

    @Option(help: ArgumentHelp("A folder with MNIST's four IDX files, gzipped or not. (default: built-in digits)"))
    var data: String?

    @Option(help: "Samples of a step, over all ranks together; a multiple of the number of ranks.")
    var batchSize = 32

    @Option(help: "Where checkpoints are published and looked for.")
    var directory = "out"

    @Option(help: "The seed of everything random.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads of a rank. (default: 1 beside other ranks, else one a core)"))
    var threads: Int?

    @Option(
        name: .customLong("stop-signal"), parsing: .singleValue,
        help: ArgumentHelp("A signal that asks for a stop; may be repeated. (default: TERM, INT, HUP, USR1)"))
    var stopSignals: [StopSignal] = []

    @Option(help: ArgumentHelp("A JSON file that asks for a stop with {\"GracefulExit\": 1}.", valueName: "file"))
    var configFile: String?

    func validate() throws {
        guard batchSize > 0 else { throw ValidationError("--batch-size is \(batchSize); it must be at least 1") }
        guard threads.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--threads is \(threads ?? 0); it must be at least 1")
        }
    }

    /// The signals that ask for a stop.
    var signals: [Int32] {
        stopSignals.isEmpty ? Launch.stopSignals : stopSignals.map(\.number)
    }

    /// The cores of this rank.
    func makeBackend() -> CPUBackend {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return CPUBackend(threads: threads ?? (Launch.ranksOnThisMachine > 1 ? 1 : cores))
    }

    /// The samples to train on, or to test with.
    func loadImages(train: Bool) throws -> ImageDataset {
        guard let data else { return train ? Digits.train : Digits.test }
        return try MNIST.load(directory: FilePath(data), train: train)
    }
}

/// A signal by name or number: TERM, SIGTERM, 15.
struct StopSignal: ExpressibleByArgument {
    let number: Int32

    private static let names: [String: Int32] = [
        "TERM": SIGTERM, "INT": SIGINT, "HUP": SIGHUP, "USR1": SIGUSR1, "USR2": SIGUSR2, "QUIT": SIGQUIT,
        "ALRM": SIGALRM, "KILL": SIGKILL, "STOP": SIGSTOP,
    ]

    init?(argument: String) {
        let name = argument.uppercased()
        let short = name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
        guard let number = Self.names[short] ?? Int32(argument) else { return nil }
        self.number = number
    }
}
