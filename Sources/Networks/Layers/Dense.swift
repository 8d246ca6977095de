public import Graphs
import Tensors

/// A fully connected layer: y = x · weightᵀ + bias (MindSpore's `nn.Dense`).
///
/// x is [rows, inputs], y is [rows, outputs]; the weight is [outputs, inputs].
public final class Dense: Cell {
    /// [outputs, inputs]
    public let weight: Parameter

    /// [outputs], or nil.
    public let bias: Parameter?

    /// Makes a layer; both parameters begin uniform within 1/√inputs, as in MindSpore.
    public init(_ inputs: Int, _ outputs: Int, hasBias: Bool = true) {
        let initializer = Initializer.heUniform(fanIn: inputs)
        weight = Parameter(shape: [outputs, inputs], initializer: initializer)
        bias = hasBias ? Parameter(shape: [outputs], initializer: initializer) : nil
    }

    /// See ``Dense``.
    public func construct(_ x: Symbol) -> Symbol {
        let product = x.matrixMultiplied(by: x.trace.symbol(for: weight), transposeB: true)
        guard let bias else { return product }
        return product.addingBias(x.trace.symbol(for: bias), axis: 1)
    }
}
