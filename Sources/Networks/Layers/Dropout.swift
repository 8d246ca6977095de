public import Graphs
import LayerOperations
import Memory
import Tensors

/// Elements of [N, …] dropped at random in training, and the others scaled up by 1 / (1 − p); nothing in inference (MindSpore's
/// `nn.Dropout`).
///
/// Which ones are dropped depends on the run's seed, the step, the sample and the layer's place in the network, and not on the
/// number of ranks.
public final class Dropout: Cell {
    /// The share of elements that are dropped.
    public let p: Float

    /// How many rows of dimension 0 belong to a sample.
    public let rowsPerSample: Int

    /// Makes a layer; `p` is from 0 to below 1. Where tokens are rows, [samples · length, width], `rowsPerSample` is the length.
    public init(p: Float = 0.5, rowsPerSample: Int = 1) {
        insist((0..<1).contains(p), "a dropout drops a share from 0 to below 1, not \(p)")
        insist(rowsPerSample >= 1, "a sample has \(rowsPerSample) rows; it must have 1 at least")
        self.p = p
        self.rowsPerSample = rowsPerSample
    }

    /// See ``Dropout``.
    public func construct(_ x: Symbol) -> Symbol {
        guard x.trace.isTraining, p > 0 else { return x }
        let rows = x.reshaped(to: [x.shape[0], x.shape.elementCount / max(x.shape[0], 1)])
        return rows.dropped(p, stream: x.trace.nextDropoutStream(), rowsPerSample: rowsPerSample).reshaped(to: x.shape)
    }
}
