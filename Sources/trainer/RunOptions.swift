import ArgumentParser
import Foundation
import Glibc
import Lockstep
import SystemPackage
import Terminal

/// The models that the trainer knows.
enum ModelName: String, CaseIterable, ExpressibleByArgument {
    case lenet5, gpt
}

/// The options that all commands share.
struct RunOptions: ParsableArguments {
    @Option(help: "The model: \(ModelName.allCases.map(\.rawValue).joined(separator: ", ")).")
    var model = ModelName.lenet5

    @Option(
        help: ArgumentHelp(
            "LeNet-5: a folder with MNIST's four IDX files. GPT: a text file. Gzipped or not. (default: built in)"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Samples of a step, over all ranks together; a multiple of dp. (default: 32 for LeNet-5, 16 for a GPT)"))
    var batchSize: Int?

    // Lists, so that an axis that is given twice can be refused.
    @Option(
        name: .customLong("dp"), parsing: .singleValue,
        help: ArgumentHelp("Ranks that see other samples. (default: all ranks / tp)", valueName: "ranks"))
    var dataSizes: [Int] = []

    @Option(
        name: .customLong("tp"), parsing: .singleValue,
        help: ArgumentHelp("Ranks that share the layers of a GPT. (default: 1)", valueName: "ranks"))
    var tensorSizes: [Int] = []

    @Option(help: "Where checkpoints are published and looked for.")
    var directory = "out"

    @Option(help: "The seed of everything random.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Threads of a rank. (default: 1 beside other ranks, else one a core)"))
    var threads: Int?

    @Option(
        name: .customLong("stop-signal"), parsing: .singleValue,
        help: ArgumentHelp("A signal that asks for a stop; may be repeated. (default: TERM, INT, HUP, USR1, XCPU)"))
    var stopSignals: [StopSignal] = []

    @Option(help: ArgumentHelp("A JSON file that asks for a stop with {\"GracefulExit\": 1}.", valueName: "file"))
    var configFile: String?

    func validate() throws {
        try checkCount("--batch-size", batchSize, atMost: Self.largestBatch)
        for (option, path) in [("--directory", directory), ("--data", data), ("--config-file", configFile)] {
            if path?.isEmpty == true { throw ValidationError("\(option) is empty; it must be a path") }
        }
        for (axis, sizes) in [("dp", dataSizes), ("tp", tensorSizes)] {
            guard sizes.count <= 1 else {
                let all = sizes.map { "\($0)" }.joined(separator: " and ")
                throw ValidationError("--\(axis) is given \(sizes.count) times, as \(all); a mesh has one axis \(axis)")
            }
            if let size = sizes.first, size < 1 {
                throw ValidationError("--\(axis) is \(size); it must be at least 1")
            }
        }
        guard tp == 1 || model == .gpt else {
            throw ValidationError("--tp is \(tp); the layers of \(model.rawValue) cannot be shared, so it must be 1")
        }
        try checkCount("--threads", threads, atMost: 4096)
    }

    /// The most samples of a step: with more, the sizes of its tensors would be no numbers any more.
    static let largestBatch = 1 << 20

    private var tp: Int { tensorSizes.first ?? 1 }

    /// The signals that ask for a stop.
    var signals: [Int32] {
        stopSignals.isEmpty ? Launch.stopSignals : stopSignals.map(\.number)
    }

    /// The cores of this rank, and what records what they do.
    func makeBackend(profile: Profile? = nil) -> CPUBackend {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return CPUBackend(threads: threads ?? (Launch.ranksOnThisMachine > 1 ? 1 : cores), profile: profile)
    }

    /// What is to be trained or measured, all ranks together.
    func makeTask(
        _ gpt: GPTOptions, _ optimizer: OptimizerOptions, in world: any Communicator
    ) throws -> any TrainingTask {
        let placement = try placement(in: world)
        switch model {
        case .lenet5: return DigitsTask(options: self, optimizer: optimizer, placement: placement)
        case .gpt:
            let sizes = try gpt.sizes(over: placement.tensorParts)
            try gpt.check(sizes, samples: batchSize ?? 1)
            let corpus =
                try data.map { try TextCorpus(contentsOf: FilePath(text: $0), sharedBy: world) } ?? .devilsDictionary
            return TextTask(
                options: self, gpt: gpt, optimizer: optimizer, placement: placement, sizes: sizes, corpus: corpus)
        }
    }

    /// Throws, on all ranks alike, if the ranks do not make the mesh that is asked for.
    func checkMesh(in world: any Communicator) throws { _ = try placement(in: world) }

    /// The mesh, which depends on the command line and the number of ranks only: all ranks throw, or none.
    private func placement(in world: any Communicator) throws -> Placement {
        do {
            let dp = dataSizes.first ?? max(world.size / tp, 1)
            return try Placement(dp: dp, tp: tp, rank: world.rank, of: world.size)
        } catch {
            throw ValidationError("\(error)")
        }
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
