import CheckpointsTestKit
import Datasets
import Files
import Graphs
import MindIR
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// Samples on their way into steps.
struct FeedTests {
    private func trained(_ data: DataLoader, epochs: Int = 3) throws -> [Float] {
        let network = SmallNetwork()
        let model = Model(
            network, lossFn: MSELoss(), optimizer: Momentum(network.parameters, learningRate: 0.1, momentum: 0.9))
        try model.train(epochs, data)
        return network.parameters.flatMap { $0.tensor.elements(of: Float.self) }
    }

    private func samples(_ count: Int) -> TensorDataset {
        TensorDataset([
            ("x", Tensor((0..<count * 2).map { Float($0 % 7) / 7 }, shape: [count, 2])),
            ("y", Tensor((0..<count * 2).map { Float($0 % 5) / 5 }, shape: [count, 2])),
        ])
    }

    @Test(arguments: [1, 2, 3, 16]) func threadsChangeNoBit(workers: Int) throws {
        let alone = try trained(DataLoader(samples(31), batchSize: 6, shuffle: true))
        let data = try DataLoader(samples(31), batchSize: 6, shuffle: true, workers: workers)
        #expect(try trained(data) == alone)
    }

    /// Random changes of samples are of the run's seed and epoch, whoever makes them.
    @Test func changedSamplesAreTheSameOnThreads() throws {
        let changed = try samples(31).map([Jitter()], inputColumn: "x")
        let alone = try trained(DataLoader(changed, batchSize: 6, shuffle: true))
        #expect(try trained(DataLoader(changed, batchSize: 6, shuffle: true, workers: 3)) == alone)
        #expect(try trained(DataLoader(samples(31), batchSize: 6, shuffle: true)) != alone)
    }

    @Test func anErrorOnAThreadEndsTheRunWithItsSentence() throws {
        let data = try DataLoader(BrokenSamples(base: samples(31), broken: 20), batchSize: 6, workers: 2)
        let error = #expect(throws: (any Error).self) { try trained(data) }
        #expect("\(error, default: "")".contains("sample 20 is broken"))
    }

    @Test func aNetworkOfSeveralInputsIsTrainedAndEvaluated() throws {
        let count = 12
        let data = TensorDataset([
            ("a", Tensor((0..<count * 2).map { Float($0 % 3) }, shape: [count, 2])),
            ("kind", Tensor((0..<Int32(count)).map { $0 % 4 }, shape: [count])),
            ("y", Tensor((0..<count * 2).map { Float($0 % 5) / 5 }, shape: [count, 2])),
        ])
        let network = Pair()
        let model = Model(
            network, lossFn: MSELoss(), optimizer: Momentum(network.parameters, learningRate: 0.05, momentum: 0.9),
            metrics: ["mse": MSE()])
        let loader = try DataLoader(data, batchSize: 4)
        let before = try model.eval(loader)["mse"] ?? 0
        try model.train(30, loader)
        let after = try model.eval(loader)["mse"] ?? 0
        #expect(after < before / 2, "\(before) became \(after)")

        // The same network says the same of the same inputs, by itself and as MindIR.
        let samples = try data.samples([3, 5])
        let answers = try model.predict(inputs: Array(samples.dropLast())).elements(of: Float.self)
        let table = network.kinds.table.tensor.elements(of: Float.self)
        let first = samples[0].elements(of: Float.self)
        let weight = network.parameters.filter { $0.name.hasPrefix("dense") }.map { $0.tensor.elements(of: Float.self) }
        let sums = (0..<2).map { out in
            first[0] * weight[0][2 * out] + first[1] * weight[0][2 * out + 1] + weight[1][out]
        }
        #expect(abs(answers[0] - (sums[0] + table[6])) < 1e-5 && abs(answers[1] - (sums[1] + table[7])) < 1e-5)
        #expect(try inputs(MindIRModel(of: network, columns: data.columns, batch: .samples(2))) == ["a", "kind"])
        let withLoss = try MindIRModel(of: network, lossFn: MSELoss(), columns: data.columns, batch: .samples(2))
        #expect(try inputs(withLoss) == ["a", "kind", "y"])
    }

    /// What the inputs of a graph are called once it is written.
    private func inputs(_ model: MindIRModel) throws -> [String] {
        let disk = MemoryFileSystem()
        try disk.createDirectory("/run")
        let path = try model.save(as: "pair", in: "/run", files: disk)
        return try MindIRReader(path, in: disk).inputs.map(\.name)
    }

    /// A network of one input cannot be given several.
    @Test func severalInputsNeedANetworkThatTakesThem() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let model = Model(SmallNetwork(), lossFn: MSELoss())
            _ = try model.predict(inputs: [Tensor(zeros: [1, 2]), Tensor(zeros: [1, 2])])
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(
            text.contains(
                "SmallNetwork takes 1 input, and the samples have 2 beside the label; a MultiInputCell takes several"))
    }
}

/// A network of a float32 and an int32 input.
private final class Pair: MultiInputCell {
    let dense = Dense(2, 2)
    let kinds = Embedding(4, 2)

    func construct(_ inputs: [Symbol]) -> Symbol { dense(inputs[0]) + kinds(inputs[1]) }
}

/// Adds a random number to all of a sample.
private struct Jitter: SampleTransform {
    let description = "Jitter"

    func result(of column: DataColumn) throws(DataError) -> DataColumn { column }

    func apply(_ sample: SampleValues, _ random: SampleRandom) -> SampleValues {
        var result = sample
        for index in result.numbers.indices { result.numbers[index] += random.uniform(0) }
        return result
    }
}

/// Samples of which one cannot be read.
private struct BrokenSamples: Dataset {
    let base: TensorDataset
    let broken: Int

    var count: Int { base.count }
    var columns: [DataColumn] { base.columns }

    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        if indices.contains(broken) { throw DataError.mismatch("sample \(broken) is broken") }
        base.copySamples(indices, into: tensors)
    }
}
