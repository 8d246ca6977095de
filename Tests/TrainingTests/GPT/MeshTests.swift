import Collectives
import CollectivesTestKit
import Graphs
import Memory
import Networks
import Tensors
import Testing

@testable import Training

/// A GPT trained on one mesh after the other: the same losses, since batches, first values and dropout do not depend on it.
@Suite struct MeshTests {
    static let meshes = [(2, 1), (1, 2), (2, 2), (4, 2), (8, 1)]

    /// The losses on one rank.
    static let expected = Result { try SmallGPT().losses(dp: 1, tp: 1) }

    @Test(arguments: meshes)
    func lossesAgreeWithThoseOfOneRank(dp: Int, tp: Int) throws {
        let expected = try Self.expected.get()
        let losses = try SmallGPT().losses(dp: dp, tp: tp)
        for step in expected.indices {
            #expect(abs(losses[step] - expected[step]) <= 1e-4 * expected[step], "step \(step + 1)")
        }
        #expect(expected[49] < expected[0] - 1, "it learns")
    }

    @Test func twoRunsOnOneMeshAgreeBitForBit() throws {
        #expect(try SmallGPT().losses(dp: 2, tp: 2) == SmallGPT().losses(dp: 2, tp: 2))
    }

    @Test(arguments: [(1, 4), (2, 2)])
    func accumulationDoesNotChangeLosses(dp: Int, parts: Int) throws {
        let expected = try Self.expected.get()
        let losses = try SmallGPT(accumulation: parts).losses(dp: dp, tp: 1)
        for step in expected.indices { #expect(abs(losses[step] - expected[step]) <= 1e-4 * expected[step]) }
    }

    @Test(arguments: [(4, 1), (2, 2)])
    func sharedOptimizersDoNotChangeLosses(dp: Int, tp: Int) throws {
        let expected = try Self.expected.get()
        let losses = try SmallGPT(sharesOptimizer: true).losses(dp: dp, tp: tp)
        for step in expected.indices { #expect(abs(losses[step] - expected[step]) <= 1e-4 * expected[step]) }
    }

    @Test func eachOfEightRanksKeepsAnEighthOfTheOptimizersState() throws {
        func stateBytes(_ share: Bool) throws -> Int {
            try ThreadWorld.run(ranks: 8) { world in
                let gpt = SmallGPT(sharesOptimizer: share)
                let (network, placement) = try gpt.network(dp: 8, tp: 1, rank: world.rank)
                return gpt.optimizer(of: network, placement: placement).state.reduce(0) { $0 + $1.tensor.bytes.count }
            }[3]
        }
        let ratio = try Double(stateBytes(true)) / Double(stateBytes(false))
        #expect(abs(ratio - 0.125) <= 0.125 * 0.02)
    }

    @Test func droppedElementsAreAQuarterWhateverTheMesh() throws {
        // With dropout the training loss is above that of the same step without it: it is not skipped.
        let with = try SmallGPT(dropout: 0.25).losses(dp: 2, tp: 1)
        let without = try SmallGPT(dropout: 0).losses(dp: 2, tp: 1)
        #expect(with[0] != without[0])
    }
}

/// A GPT small enough for a debug build, and a text with something to learn.
struct SmallGPT: Sendable {
    var dropout: Float = 0.1
    var accumulation = 1
    var sharesOptimizer = false
    var steps = 50

    var sizes: GPTSizes {
        GPTSizes(layers: 2, width: 32, heads: 4, length: 16, vocabulary: 256, dropout: dropout)
    }

    func network(dp: Int, tp: Int, rank: Int) throws -> (GPT, Placement) {
        let placement = try Placement(dp: dp, tp: tp, rank: rank, of: dp * tp)
        return (GPT(sizes, placement: placement), placement)
    }

    func optimizer(of network: GPT, placement: Placement) -> AdamW {
        AdamW(
            network.trainableParameters, learningRate: .warmUp(over: 10, then: .cosine(from: 1e-2, over: steps)),
            weightDecay: 0.1, share: sharesOptimizer ? .overData(of: placement) : .whole)
    }

    func data() throws -> DataLoader {
        let text = Array("The quick brown fox jumps over the lazy dog. ".utf8)
        let corpus = (0..<40).flatMap { _ in text }
        return try DataLoader(
            TextDataset(corpus[...], length: sizes.length), batchSize: 8, shuffleSeed: 3, stepLimit: steps)
    }

    /// The losses of all steps, the same on all ranks.
    func losses(dp: Int, tp: Int) throws -> [Float] {
        let all = try ThreadWorld.run(ranks: dp * tp) { world in
            let (network, placement) = try network(dp: dp, tp: tp, rank: world.rank)
            let model = Model(
                network, lossFn: GPTLoss(placement: placement), optimizer: optimizer(of: network, placement: placement),
                world: world, backend: CPUBackend(), seed: 5,
                settings: TrainingSettings(placement: placement, clipNorm: 1, accumulation: accumulation))
            let record = LossRecord()
            try model.train(1, data(), callbacks: record)
            return record.losses
        }
        for losses in all { #expect(losses == all[0]) }
        return all[0]
    }
}

private final class LossRecord: Callback {
    private(set) var losses: [Float] = []

    override func onTrainStepEnd(_ runContext: RunContext) {
        losses.append(runContext.originalArgs().loss ?? .nan)
    }
}
