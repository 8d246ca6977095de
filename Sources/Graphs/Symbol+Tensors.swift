import Memory
import Tensors

// Values of any shapes as a cell writes them. Axes may count from the last as −1.

extension Symbol {
    /// Each element raised to a number. Two nodes in the backward pass.
    public func raised(to exponent: Float) -> Symbol { apply(Power(exponent: exponent)) }

    /// Each element raised to that of a value that fits (MindSpore's `pow`). The gradient by the exponent needs elements above 0.
    public func raised(to exponents: Symbol) -> Symbol { apply(.power, exponents) }

    /// Each element, or the nearest number between two (MindSpore's `clip_by_value`).
    public func clipped(from lower: Float, to upper: Float) -> Symbol {
        insist(lower <= upper, "elements cannot be clipped from \(lower) to \(upper)")
        return apply(Clip(lower: lower, upper: upper))
    }

    /// The magnitude of each element.
    public func abs() -> Symbol { apply(.absolute) }

    /// −1, 0 or 1 for each element.
    public func sign() -> Symbol { apply(.sign) }

    /// The sine of each element.
    public func sin() -> Symbol { apply(.sine) }

    /// The cosine of each element.
    public func cos() -> Symbol { apply(.cosine) }

    /// The error function of each element.
    public func erf() -> Symbol { apply(.errorFunction) }
}

// Comparisons give 1 and 0, and pass no gradient.
extension Symbol {
    /// 1 where the elements of two values that fit together are equal.
    public func isEqual(to other: Symbol) -> Symbol { apply(.equal, other) }

    /// 1 where they differ.
    public func isNotEqual(to other: Symbol) -> Symbol { apply(.notEqual, other) }

    /// 1 where this one is less.
    public func isLess(than other: Symbol) -> Symbol { apply(.less, other) }

    /// 1 where this one is less or equal.
    public func isAtMost(_ other: Symbol) -> Symbol { apply(.lessOrEqual, other) }

    /// 1 where this one is greater.
    public func isGreater(than other: Symbol) -> Symbol { apply(.greater, other) }

    /// 1 where this one is greater or equal.
    public func isAtLeast(_ other: Symbol) -> Symbol { apply(.greaterOrEqual, other) }

    /// The elements of one value where this one is not 0, and of another elsewhere; the three fit together (MindSpore's `where`).
    public func choosing(_ value: Symbol, otherwise other: Symbol) -> Symbol {
        let whole = shape.broadcast(with: value.shape)?.broadcast(with: other.shape)
        guard let whole else { return apply(Select(), value, other) }
        return expanded(to: whole).apply(Select(), value.expanded(to: whole), other.expanded(to: whole))
    }
}

// Reductions. MindSpore takes no axes for all of them; here they are named.
extension Symbol {
    /// The sum over some dimensions (MindSpore's `ReduceSum`).
    public func sum(over axes: [Int], keepsDimensions: Bool = false) -> Symbol {
        axes.isEmpty ? self : apply(.reduceSum(axes.map(place), keepsDimensions: keepsDimensions))
    }

    /// The mean over some dimensions (MindSpore's `ReduceMean`).
    public func mean(over axes: [Int], keepsDimensions: Bool = false) -> Symbol {
        axes.isEmpty ? self : apply(.reduceMean(axes.map(place), keepsDimensions: keepsDimensions))
    }

    /// The largest over some dimensions (MindSpore's `ReduceMax`).
    public func maximum(over axes: [Int], keepsDimensions: Bool = false) -> Symbol {
        axes.isEmpty ? self : apply(.reduceMaximum(axes.map(place), keepsDimensions: keepsDimensions))
    }

    /// The smallest over some dimensions (MindSpore's `ReduceMin`).
    public func minimum(over axes: [Int], keepsDimensions: Bool = false) -> Symbol {
        axes.isEmpty ? self : apply(.reduceMinimum(axes.map(place), keepsDimensions: keepsDimensions))
    }

    /// The mean of the squared distances from the mean over some dimensions. Four nodes.
    ///
    /// - Parameter correction: What is taken off the number of elements that squares are divided by: 1 for that of a sample
    ///   (MindSpore's `var(ddof:)`).
    public func variance(over axes: [Int], keepsDimensions: Bool = false, correction: Int = 0) -> Symbol {
        let count = axes.reduce(1) { $0 * shape[$1] }
        insist(count > correction, "\(count) elements have no variance with a correction of \(correction)")
        let squares = (self - mean(over: axes, keepsDimensions: true)).square()
        let mean = squares.mean(over: axes, keepsDimensions: keepsDimensions)
        return correction == 0 ? mean : mean * (Float(count) / Float(count - correction))
    }

    /// Where the largest element along a dimension is: int32, the first of equals (MindSpore's `Argmax`).
    public func argmax(axis: Int = -1) -> Symbol { apply(ArgMax(axis: place(axis))) }

    /// The sums along a dimension up to each element (MindSpore's `CumSum`), without itself if `exclusive`, or from it on.
    public func cumulativeSum(axis: Int, exclusive: Bool = false, reverse: Bool = false) -> Symbol {
        apply(CumulativeSum(axis: place(axis), exclusive: exclusive, reverse: reverse))
    }

    /// The dimension that a number means.
    package func place(_ axis: Int) -> Int { axis < 0 ? axis + shape.rank : axis }
}
