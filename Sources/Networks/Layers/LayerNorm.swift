public import Graphs
import Tensors

/// Normalises each row of a matrix to mean 0 and deviation 1, then scales and shifts its columns (MindSpore's
/// `nn.LayerNorm`; Ba et al., 2016).
public final class LayerNorm: Cell {
    /// [columns], beginning with 1.
    public let gamma: Parameter

    /// [columns], beginning with 0.
    public let beta: Parameter

    /// What keeps the denominator from 0.
    public let epsilon: Float

    /// Makes a layer for rows of `columns` elements.
    public init(_ columns: Int, epsilon: Float = 1e-5) {
        gamma = Parameter(shape: [columns], initializer: .ones)
        beta = Parameter(shape: [columns], initializer: .zeros)
        self.epsilon = epsilon
    }

    /// See ``LayerNorm``.
    public func construct(_ x: Symbol) -> Symbol {
        x.layerNormalized(scale: x.trace.symbol(for: gamma), shift: x.trace.symbol(for: beta), epsilon: epsilon)
    }
}
