import Collectives
import Datasets
import Execution
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
    /// What the sets of its schedule are called; that of a stop or the end has another name.
    static let prefix = "ghost"

    /// Whether a set, or a file of one, has the name of those that a schedule makes.
    static func isScheduled(_ name: String) -> Bool { name.hasPrefix("\(prefix)-") }

    /// Values of a sample.
    static let width = 6

    /// What a layer is split into at most.
    static let outputs = 4

    /// Samples of a step, over all ranks, of which there are a power of two or three quarters of one; a thousand are too many for
    /// fewer.
    static func batchSize(ranks: Int) -> Int {
        var size = 48
        while size < 3 * ranks { size *= 2 }
        return size
    }

    /// A model of it for a rank, of which so many share the layer.
    static func model(world: any Communicator, tensorParts: Int = 1, seed: UInt64) throws -> Model {
        let placement = try Placement(
            dp: world.size / tensorParts, tp: tensorParts, rank: world.rank, of: world.size)
        let network = ColumnParallelDense(width, outputs, deviation: 1, placement: placement)
        return Model(
            network, lossFn: GhostLoss(placement: placement),
            // The decay of the moments makes the order of steps count.
            optimizer: Momentum(network.trainableParameters, learningRate: 0.25, momentum: 0.75), world: world,
            backend: CPUBackend(threads: 1), seed: seed, settings: TrainingSettings(placement: placement))
    }

    /// Samples for so many steps an epoch.
    static func data(stepsPerEpoch: Int, batchSize: Int) throws -> DataLoader {
        try DataLoader(GhostSamples(count: stepsPerEpoch * batchSize), batchSize: batchSize, shuffle: true)
    }
}

/// What the network says in all, times the ranks over which its mean is then taken: every gradient is a whole number, a multiple
/// of these ranks, over a power of two. The mean over three ranks is exact for such numbers as for no others.
private final class GhostLoss: Loss {
    private let placement: Placement

    init(placement: Placement) {
        self.placement = placement
    }

    func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        let own = logits.sum() * (Float(placement.dataParts) / 64) + labels.mean() * 0
        return placement.tensorParts > 1 ? own.summed(over: Placement.tensorAxis) : own
    }
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
