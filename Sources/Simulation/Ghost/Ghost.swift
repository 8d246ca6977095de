import Collectives
import Datasets
import Graphs
import Memory
import Networks
import Tensors
import Training

/// A network whose values are a chain of the samples that it has seen, in their order: if a step is repeated or skipped, or a
/// sample is, they come out otherwise. They have the same bits on any number of ranks, for all sums are sums of whole numbers.
///
/// A thousand of them cost next to nothing.
enum Ghost {
    /// Values of a sample.
    static let width = 6

    /// Samples of a step, over all ranks; ranks are a power of two, and a thousand are too many for fewer.
    static func batchSize(ranks: Int) -> Int { max(32, ranks) }

    /// A model of it for a rank.
    static func model(world: any Communicator, seed: UInt64) -> Model {
        let network = Dense(width, 1)
        return Model(
            network, lossFn: GhostLoss(),
            // The decay of the moments makes the order of steps count.
            optimizer: Momentum(network.trainableParameters, learningRate: 0.25, momentum: 0.75), world: world,
            seed: seed)
    }

    /// Samples for so many steps an epoch.
    static func data(stepsPerEpoch: Int, batchSize: Int) throws -> DataLoader {
        try DataLoader(GhostSamples(count: stepsPerEpoch * batchSize), batchSize: batchSize, shuffle: true)
    }
}

/// The mean of what the network says: its gradient is the mean of the samples.
private final class GhostLoss: Loss {
    func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol { logits.mean() + labels.mean() * 0 }
}

/// Whole numbers that are made of their places.
private struct GhostSamples: Dataset {
    let count: Int

    var columns: [DataColumn] {
        [
            DataColumn("x", shape: [Ghost.width], elementType: .float32),
            DataColumn("y", shape: [1], elementType: .float32),
        ]
    }

    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) {
        let values = tensors[0].slice(of: Float.self)
        var span = values.mutableSpan
        for (row, index) in indices.enumerated() {
            for column in 0..<Ghost.width {
                let word = UInt64(index * Ghost.width + column + 1) &* 0x9E37_79B9_7F4A_7C15
                span[row * Ghost.width + column] = Float(word >> 54)
            }
        }
    }

    func fingerprint() -> String { "ghost of \(count)" }
}
