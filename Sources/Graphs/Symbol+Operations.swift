import Collectives
public import Tensors

// The operations as a cell writes them. Each appends one node unless it says more.

extension Symbol {
    /// The elements' sum with those of a value of the same shape, or of one that fits: dimensions count from the last, and those
    /// of size 1 are repeated, as in MindSpore. So do the other operators.
    public static func + (x: Symbol, y: Symbol) -> Symbol { x.apply(.add, or: .broadcastAdd, y) }

    /// The elements' difference.
    public static func - (x: Symbol, y: Symbol) -> Symbol { x.apply(.subtract, or: .broadcastSubtract, y) }

    /// The elements' product.
    public static func * (x: Symbol, y: Symbol) -> Symbol { x.apply(.multiply, or: .broadcastMultiply, y) }

    /// The elements' quotient.
    public static func / (x: Symbol, y: Symbol) -> Symbol { x.apply(.divide, or: .broadcastDivide, y) }

    /// Each element times a number.
    public static func * (x: Symbol, factor: Float) -> Symbol { x.apply(.scale(factor)) }

    /// Each element plus a number.
    public static func + (x: Symbol, number: Float) -> Symbol { x.apply(.shift(number)) }

    /// Each element negated.
    public static prefix func - (x: Symbol) -> Symbol { x.apply(.negate) }

    /// e to the power of each element.
    public func exp() -> Symbol { apply(.exp) }

    /// The natural logarithm of each element.
    public func log() -> Symbol { apply(.log) }

    /// The square root of each element.
    public func sqrt() -> Symbol { apply(.sqrt) }

    /// The square of each element.
    public func square() -> Symbol { apply(.square) }

    /// One over each element.
    public func reciprocal() -> Symbol { apply(.reciprocal) }

    /// The hyperbolic tangent of each element.
    public func tanh() -> Symbol { apply(.tanh) }

    /// 1 / (1 + e^−x) of each element.
    public func sigmoid() -> Symbol { apply(.sigmoid) }

    /// Each element, or 0 if it is negative.
    public func relu() -> Symbol { apply(.relu) }

    /// The greater of the elements of two values of one shape, or of two that fit together.
    public func maximum(_ other: Symbol) -> Symbol { apply(.maximum, or: .broadcastMaximum, other) }

    /// The smaller of the elements of two values of one shape, or of two that fit together.
    public func minimum(_ other: Symbol) -> Symbol { apply(.minimum, or: .broadcastMinimum, other) }
}

extension Symbol {
    /// The same elements under another shape.
    public func reshaped(to shape: Shape) -> Symbol { apply(.reshape(shape)) }

    /// The dimensions in another order: dimension i of the result is dimension `order[i]`.
    public func transposed(_ order: [Int]) -> Symbol { apply(.transpose(order)) }

    /// A vector added along a dimension.
    public func addingBias(_ bias: Symbol, axis: Int) -> Symbol {
        apply(.addBias(axis: axis < 0 ? axis + shape.rank : axis), bias)
    }

    /// The sum of all elements: a scalar.
    public func sum() -> Symbol { apply(.sum) }

    /// The sum of the squares of all elements: a scalar.
    public func sumOfSquares() -> Symbol { apply(.sumOfSquares) }

    /// The mean of all elements: a scalar. Two nodes.
    public func mean() -> Symbol { sum() * (1 / Float(shape.elementCount)) }

    /// The sum over all dimensions but one: a vector.
    public func sum(toAxis axis: Int) -> Symbol { apply(.sumToAxis(axis)) }

    /// The sum of everything behind dimension 0: a vector.
    public func sumRows() -> Symbol { apply(.sumRows) }

    /// Each element times a scalar tensor.
    public func scaled(by scalar: Symbol) -> Symbol { apply(.scaleBy, scalar) }

    /// Row i times element i of a vector.
    public func scalingRows(by factors: Symbol) -> Symbol { apply(.scaleRows, factors) }

    /// A scalar repeated into a shape.
    public func filling(_ shape: Shape) -> Symbol { apply(.fill(shape)) }

    /// The product of two matrices, either of them transposed on reading.
    public func matrixMultiplied(
        by other: Symbol, transposeA: Bool = false, transposeB: Bool = false
    ) -> Symbol {
        apply(.matrixMultiply(transposeA: transposeA, transposeB: transposeB), other)
    }

    /// The sum over a group of ranks that each hold a summand.
    public func summed(over group: String) -> Symbol { apply(.allReduce(.sum, group: group)) }

    /// This value, of which every rank of a group uses the whole for a part of what follows.
    public func replicated(over group: String) -> Symbol { apply(.replicate(group: group)) }
}

extension Symbol {
    /// The first result of an operation on this value and others.
    public func apply(_ operation: some Operation, _ others: Symbol...) -> Symbol {
        trace.apply(operation, to: [self] + others)[0]
    }
    /// The elements' difference from those of a value of the same shape; any other ends the program. For losses, where an output
    /// [rows, 1] beside labels [rows] would otherwise become a matrix.
    package func differences(from other: Symbol) -> Symbol { apply(.subtract, other) }

    /// The operation for values of one shape, which is faster, or the one for two shapes that fit together.
    func apply(_ operation: Binary, or broadcast: Broadcast, _ other: Symbol) -> Symbol {
        guard shape != other.shape, shape.broadcast(with: other.shape) != nil else { return apply(operation, other) }
        return apply(broadcast, other)
    }
}
