import Collectives
import CollectivesTestKit
import Datasets
import Graphs
import Models
import Networks
import Tensors
import Testing

@testable import Training

/// Batches that are cut to the length of their samples.
struct BucketTests {
    private let count = 24

    /// Sequences of 2 to 8 tokens, filled up to 8.
    private func loader(workers: Int = 0, bounds: [Int] = [4, 6]) throws -> DataLoader {
        let lengths = (0..<count).map { Int32($0 * 5 % 7 + 2) }
        let tokens = lengths.flatMap { length in (0..<Int32(8)).map { $0 < length ? ($0 * 3 + length) % 31 : 0 } }
        let next = lengths.flatMap { length in (0..<Int32(8)).map { $0 < length ? ($0 * 3 + 3 + length) % 31 : -1 } }
        let data = TensorDataset([
            ("tokens", Tensor(tokens, shape: [count, 8])), ("next", Tensor(next, shape: [count, 8])),
        ])
        return try DataLoader(
            data, batchSize: 4, shuffle: true,
            buckets: LengthBuckets(columns: ["tokens", "next"], lengths: lengths, bounds: bounds), workers: workers)
    }

    /// Bounds that no sample needs, or that cut nothing.
    @Test(arguments: [
        ([4, 8], [4, 8]), ([4, 6, 8, 10], [4, 6, 8]), ([9, 20], [9]), ([1, 8], [8]), ([4, 6], [4, 6, nil]),
    ])
    func lengthsAreThoseThatComeUp(bounds: [Int], expected: [Int?]) throws {
        #expect(try loader(bounds: bounds).lengths.map { $0 ?? 0 } == expected.map { $0 ?? 0 })
    }

    @Test func aLengthThatCutsNothingTakesNoMemory() throws {
        let memory = { (bounds: [Int]) in
            let network = TokenNetwork()
            let model = Model(
                network, lossFn: GPTLoss(),
                optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9))
            return try model.trainingMemory(for: loader(bounds: bounds)).step
        }
        #expect(try memory([8]) == memory([20]) && memory([8]) > 0)
        // Bounds that no sample needs take none either.
        #expect(try memory([8, 9, 10]) == memory([8]))
        #expect(try memory([4, 8]) > memory([8]))
        #expect(try memory([4, 8]) < 2 * memory([8]))
    }

    /// Ranks that see other lengths would make other steps, and wait for each other; that the types of a step are known already
    /// changes nothing.
    @Test(arguments: [[4], [4, 8, 10]]) func ranksWithOtherLengthsAreRefused(bounds: [Int]) throws {
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            let network = TokenNetwork()
            let model = Model(
                network, lossFn: GPTLoss(),
                optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9), world: world)
            try model.train(1, loader(bounds: [4, 8]))
            try model.train(1, loader(bounds: world.rank == 1 ? bounds : [4, 8]))
        }
        for outcome in outcomes { #expect(throws: ModelError.differentSamples(rank: 1)) { try outcome.get() } }
    }

    private func losses(ranks: Int, workers: Int = 0) throws -> [(length: Int, loss: Float)] {
        try ThreadWorld.run(ranks: ranks) { world in
            let record = ShapeRecord()
            let network = TokenNetwork()
            let model = Model(
                network, lossFn: GPTLoss(),
                optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9),
                metrics: ["loss": LossMetric()], world: world)
            try model.train(3, loader(workers: workers), callbacks: record)
            let loss = try model.eval(loader())["loss"] ?? .nan
            return record.steps + [(0, Float(loss))]
        }[0]
    }

    @Test func batchesAreCutToWhatTheyNeed() throws {
        let steps = try losses(ranks: 1)
        #expect(steps.count == 3 * count / 4 + 1)
        // Each length comes, and what is cut is learned from: no loss is like that of an empty batch.
        #expect(Set(steps.map(\.length)) == [0, 4, 6, 8])
        #expect(steps.allSatisfy { $0.loss > 0.1 && $0.loss.isFinite })
        let again = try losses(ranks: 1, workers: 2)
        #expect(steps.map(\.loss) == again.map(\.loss) && steps.map(\.length) == again.map(\.length))
    }

    @Test func ranksCutAlike() throws {
        let (alone, two) = (try losses(ranks: 1), try losses(ranks: 2))
        #expect(alone.map(\.length) == two.map(\.length))
        for (one, other) in zip(alone, two) { #expect(abs(one.loss - other.loss) < 1e-4 * max(one.loss, 1)) }
    }
}

/// Foresees the next token from each: samples may have any length.
private final class TokenNetwork: Cell {
    let tokens = Embedding(32, 8)
    let head = Dense(8, 32)

    func construct(_ x: Symbol) -> Symbol { head(tokens(x).reshaped(to: [x.shape.elementCount, 8])) }
}

/// The lengths and the losses of all steps.
private final class ShapeRecord: Callback {
    var steps: [(length: Int, loss: Float)] = []

    override func onTrainStepEnd(_ runContext: RunContext) {
        let parameters = runContext.originalArgs()
        steps.append((parameters.trainDatasetElement?[0].shape[1] ?? 0, parameters.loss ?? .nan))
    }
}
