import Collectives
import CollectivesTestKit
import Datasets
import Execution
import Graphs
import Models
import Networks
import Testing

@testable import Runs
@testable import Training

/// A GPT small enough for a debug build, and a text with something to learn.
struct SmallGPT: Sendable {
    var tiesHead = true
    var dropout: Float = 0.1
    var clipNorm: Float? = 0.5
    var accumulation = 1
    var sharesOptimizer = false
    var steps = 50

    /// A vocabulary of 32, since the ranks of a test add gradients up in unoptimised code.
    var sizes: GPTSizes {
        GPTSizes(layers: 2, width: 16, heads: 4, length: 8, vocabulary: 32, dropout: dropout, tiesHead: tiesHead)
    }

    func network(dp: Int, tp: Int, rank: Int) throws -> (GPT, Placement) {
        let placement = try Placement(dp: dp, tp: tp, rank: rank, of: dp * tp)
        return (GPT(sizes, placement: placement), placement)
    }

    func optimizer(of network: GPT, placement: Placement) -> AdamW {
        AdamW(
            network.trainableParameters, learningRate: .warmUp(over: 10, then: .cosine(from: 1e-2, over: 50)),
            weightDecay: 0.1, share: sharesOptimizer ? .overData(of: placement) : .whole)
    }

    func model(dp: Int, tp: Int, on world: any Communicator) throws -> Model {
        let (network, placement) = try network(dp: dp, tp: tp, rank: world.rank)
        return Model(
            network, lossFn: GPTLoss(placement: placement), optimizer: optimizer(of: network, placement: placement),
            metrics: ["loss": LossMetric()], world: world, backend: CPUBackend(threads: 1), seed: 5,
            settings: TrainingSettings(placement: placement, clipNorm: clipNorm, accumulation: accumulation))
    }

    func data() throws -> DataLoader {
        let text = Array("the quick brown fox jumps over the lazy dog. ".utf8).map { $0 & 31 }
        let corpus = (0..<40).flatMap { _ in text }
        return try DataLoader(
            TextDataset(corpus[...], length: sizes.length), batchSize: 16, shuffle: true, stepLimit: steps)
    }

    /// The losses of all steps, the same on all ranks.
    func losses(dp: Int, tp: Int) throws -> [Float] {
        let all = try ThreadWorld.run(ranks: dp * tp) { world in
            let record = LossRecord()
            try model(dp: dp, tp: tp, on: world).train(1, data(), callbacks: record)
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
