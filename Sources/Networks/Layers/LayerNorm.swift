public import Graphs
import LayerOperations
import Memory
public import Tensors

/// Brings what lies in the last dimensions to mean 0 and deviation 1, then scales and shifts each element (MindSpore's
/// `nn.LayerNorm`; Ba et al., 2016).
public final class LayerNorm: Cell {
    /// The shape of the last dimensions, beginning with 1.
    public let gamma: Parameter

    /// The shape of the last dimensions, beginning with 0.
    public let beta: Parameter

    /// What keeps the denominator from 0.
    public let epsilon: Float

    /// Makes a layer for rows of `columns` elements.
    public convenience init(_ columns: Int, epsilon: Float = 1e-5) {
        self.init([columns], epsilon: epsilon)
    }

    /// Makes a layer for values whose last dimensions are those of `normalizedShape`.
    public init(_ normalizedShape: Shape, epsilon: Float = 1e-5) {
        insist(
            normalizedShape.rank >= 1 && normalizedShape.elementCount >= 1,
            "LayerNorm: the normalized shape is \(normalizedShape); it must have at least 1 dimension and element")
        gamma = Parameter(shape: normalizedShape, initializer: .ones)
        beta = Parameter(shape: normalizedShape, initializer: .zeros)
        self.epsilon = epsilon
    }

    /// See ``LayerNorm``.
    public func construct(_ x: Symbol) -> Symbol {
        let (scale, shift) = (x.trace.symbol(for: gamma), x.trace.symbol(for: beta))
        if x.shape.rank == 2 && gamma.shape.rank == 1 {
            return x.layerNormalized(scale: scale, shift: shift, epsilon: epsilon)
        }
        let columns = gamma.shape.elementCount
        return x.asRows(of: gamma.shape, in: "LayerNorm")
            .layerNormalized(
                scale: scale.reshaped(to: [columns]), shift: shift.reshaped(to: [columns]), epsilon: epsilon
            ).reshaped(to: x.shape)
    }
}

extension Symbol {
    /// A matrix whose rows are the last dimensions, of this shape.
    func asRows(of last: Shape, in layer: String) -> Symbol {
        insist(
            shape.rank >= last.rank && Array(shape.dimensions.suffix(last.rank)) == last.dimensions,
            "\(layer) needs \(last) as last dimensions, not \(type)")
        return reshaped(to: [shape.dimensions.dropLast(last.rank).reduce(1, *), last.elementCount])
    }
}
