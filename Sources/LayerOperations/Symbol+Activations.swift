public import Graphs
import LayerKernels
import Memory
import Tensors

// Activations.
extension Symbol {
    /// x · Φ(x) by the error function (MindSpore's `GELU(approximate=False)`); ``gelu()`` is the tanh form.
    public func erfGELU() -> Symbol { apply(Activate(activation: .gelu)) }

    /// x · σ(x).
    public func silu() -> Symbol { apply(Activate(activation: .silu)) }

    /// x, times `slope` below zero.
    public func leakyReLU(slope: Float = 0.2) -> Symbol { apply(Activate(activation: .leakyReLU(slope: slope))) }

    /// x, and `alpha` (eˣ − 1) below zero.
    public func elu(alpha: Float = 1) -> Symbol { apply(Activate(activation: .elu(alpha: alpha))) }

    /// ln(1 + eˣ).
    public func softplus() -> Symbol { apply(Activate(activation: .softplus)) }

    /// x · min(max(x + 3, 0), 6) / 6.
    public func hardSwish() -> Symbol { apply(Activate(activation: .hardSwish)) }

    /// min(max(x + 3, 0), 6) / 6.
    public func hardSigmoid() -> Symbol { apply(Activate(activation: .hardSigmoid)) }

    /// min(max(x, 0), 6).
    public func relu6() -> Symbol { apply(Activate(activation: .relu6)) }

    /// The softmax of each row of a matrix.
    public func softmax() -> Symbol { apply(.softmax) }

    /// The softmax along a dimension of a value of any shape.
    public func softmax(axis: Int) -> Symbol { alongRows(axis) { $0.softmax() } }

    /// The logarithm of the softmax along a dimension of a value of any shape.
    public func logSoftmax(axis: Int = -1) -> Symbol { alongRows(axis) { $0.apply(.logSoftmax) } }

    /// What `body` makes of a matrix whose rows lie along a dimension of this value.
    private func alongRows(_ axis: Int, _ body: (Symbol) -> Symbol) -> Symbol {
        let axis = place(axis)
        insist(shape.dimensions.indices.contains(axis), "\(type) has no dimension \(axis)")
        guard axis == shape.rank - 1 else {
            var order = Array(shape.dimensions.indices)
            order.swapAt(axis, shape.rank - 1)
            return transposed(order).alongRows(-1, body).transposed(order)
        }
        let columns = shape[-1]
        let rows = Shape([shape.elementCount / max(columns, 1), columns])
        return body(withShape(rows)).withShape(shape)
    }
}
