public import Graphs
import LayerOperations
import Memory
import Tensors

/// Brings each row, what lies in the last dimension, to a root mean square of 1, then scales each column (MindFormers'
/// `LlamaRMSNorm`; Zhang and Sennrich, 2019).
public final class RMSNorm: Cell {
    /// [columns], beginning with 1.
    public let weight: Parameter

    /// What keeps the denominator from 0.
    public let eps: Float

    /// Makes a layer for rows of `columns` elements.
    public init(_ columns: Int, eps: Float = 1e-6) {
        insist(columns >= 1, "RMSNorm needs at least 1 column, not \(columns)")
        weight = Parameter(shape: [columns], initializer: .ones)
        self.eps = eps
    }

    /// See ``RMSNorm``.
    public func construct(_ x: Symbol) -> Symbol {
        x.asRows(of: weight.shape, in: "RMSNorm")
            .rmsNormalized(scale: x.trace.symbol(for: weight), epsilon: eps).reshaped(to: x.shape)
    }
}
