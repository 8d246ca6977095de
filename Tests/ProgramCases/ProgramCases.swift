import ArgumentParser
import Foundation
import Lockstep
import RunsCommandLine

/// A program as somebody else may write it, with the mistakes that such programs have.
@main
struct ProgramCases: TrainingProgram {
    static let configuration = CommandConfiguration(
        commandName: "cases", abstract: "Make a mistake.", subcommands: [Greet.self, Count.self, Show.self])

    @Option(help: "What goes wrong.") var mistake: Mistake?
    @Option(help: "On which rank; on all without it.") var onRank: Int?
    @Flag(help: "Have test samples.") var withTests = false
    @Option(name: .shortAndLong, help: "How wide it is.") var width = 1
    @Option(help: "Words that do nothing.") var tag: [String] = []
    @Flag(help: "Say when another thread loads samples.") var tellThreads = false
    @OptionGroup(title: "Sizes") var sizes: Sizes

    func validate() throws {
        let rank = ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_RANK"].flatMap { Int($0) } ?? 0
        if mistake == .validation, isHere(rank) { throw ValidationError("this machine has no such table") }
    }

    func makeTask(in setting: TaskSetting) throws -> TrainingTask {
        let here = isHere(setting.world.rank) ? mistake : nil
        if here == .task { throw CaseError(description: "the table has no column 'price'") }
        if here == .file { _ = try String(contentsOf: URL(filePath: "/none/table.csv"), encoding: .utf8) }
        let network = SequentialCell(Dense(1, width), Dense(width, here == .network ? 2 : 1))
        let values = (0..<64).map { Float($0) / 64 }
        let samples = TensorDataset([
            ("x", Tensor(values, shape: [64, 1])), ("y", Tensor(values, shape: [64, 1])),
        ])
        return TrainingTask(
            name: here == .name ? "my/model" : "Cases", network: network, loss: MSELoss(),
            optimizer: { _ in Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9) },
            data: try loader(samples, setting, failing: here == .data),
            testData: try withTests && here != .tests
                ? DataLoader(samples, batchSize: 16, dropsRemainder: false) : nil,
            metrics: here == .metrics ? [:] : ["loss": LossMetric(), "error": MAE()], epochs: 3,
            callbacks: here == .callback ? [FailingCallback()] : [Callback()])
    }

    private func loader(_ samples: TensorDataset, _ setting: TaskSetting, failing: Bool) throws -> DataLoader {
        if failing { throw CaseError(description: "there are no samples today") }
        let told: any Dataset = tellThreads ? ToldSamples(base: samples) : samples
        return try DataLoader(told, batchSize: setting.batchSize ?? 16, shuffle: true)
    }

    private func isHere(_ rank: Int) -> Bool { onRank.map { $0 == rank } ?? true }
}

/// Options with a title.
struct Sizes: ParsableArguments {
    @Option(help: "A number that may be negative.") var shift = 0.0

    func validate() throws {
        guard abs(shift) <= 10 else { throw ValidationError("--shift is \(shift); it must be from -10 to 10") }
    }
}

/// What goes wrong.
enum Mistake: String, CaseIterable, ExpressibleByArgument {
    case validation, task, file, network, name, data, tests, metrics, callback
}

/// Samples that say when another thread loads them.
struct ToldSamples: Dataset {
    let base: TensorDataset

    var count: Int { base.count }
    var columns: [DataColumn] { base.columns }

    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) {
        if !Thread.isMainThread { print("samples by another thread") }
        base.copySamples(indices, into: tensors)
    }
}

/// An error of somebody else's program.
struct CaseError: Error, CustomStringConvertible {
    let description: String
}

/// A callback that fails in the second step.
final class FailingCallback: Callback {
    override func onTrainStepEnd(_ runContext: RunContext) throws {
        if runContext.position.step == 2 { throw CaseError(description: "the plot cannot be drawn") }
    }
}

/// A command of one process.
struct Greet: PlainCommand {
    func run() throws { print("hello") }
}

/// A command of all ranks.
struct Count: RankCommand {
    func run(_ launch: Launch) throws -> ExitStatus {
        let sum = try launch.world.allReduce(Int64(1), with: .sum)
        if launch.world.rank == 0 { print("\(sum) ranks") }
        return .success
    }
}

/// A command that uses a saved network.
struct Show: SavedNetworkCommand {
    @Option(name: .shortAndLong, help: "How wide it is.") var width = 1
    @OptionGroup var options: RunOptions
    @OptionGroup var saved: SavedNetworkOptions

    func run(_ launch: Launch) throws -> ExitStatus {
        let network = SequentialCell(Dense(1, width), Dense(width, 1))
        let model = Model(network, lossFn: MSELoss(), world: launch.world)
        _ = try saved.load(into: model, orElse: "Cases_train", in: options.directory)
        if launch.world.rank == 0 { print("\(width) wide") }
        return .success
    }
}
