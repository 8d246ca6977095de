/// The sum of all elements; 0 when there are none.
///
/// The order is fixed (64 running sums, then halves), so the result has the same bits in every run, and its error grows
/// with a sixty-fourth of the length.
public func sum(of x: Span<Float>) -> Float {
    let count = x.count
    return unsafe x.withAddress { x in unsafe sum(at: x, count: count) }
}

/// The sum of the squares of all elements, in the order of ``sum(of:)``.
public func sumOfSquares(of x: Span<Float>) -> Float {
    let count = x.count
    return unsafe x.withAddress { x in
        unsafe foldLanes(x, count: count, from: Lanes.zero) {
            $0.plus($1, times: $1)
        } merging: {
            $0 + $1
        }
    }.sumOfLanes
}

/// The mean of all elements; NaN when there are none.
public func mean(of x: Span<Float>) -> Float {
    sum(of: x) / Float(x.count)
}

/// The largest element, NaN if there is one; −∞ when there are no elements.
public func maximum(of x: Span<Float>) -> Float {
    let count = x.count
    let lanes = unsafe x.withAddress { x in
        unsafe foldLanes(x, count: count, from: Lanes(repeating: -.infinity), padding: -.infinity) {
            $0.larger($1)
        } merging: {
            $0.larger($1)
        }
    }
    var largest = lanes[0]
    for lane in 1..<Lanes.scalarCount where lanes[lane] > largest || lanes[lane].isNaN { largest = lanes[lane] }
    return largest
}

/// The number of elements that are infinite or NaN.
public func countNonFinite(in x: Span<Float>) -> Int {
    let count = x.count
    let lanes = unsafe x.withAddress { x in
        unsafe foldLanes(x, count: count, from: SIMD16<Int32>.zero) { count, x in
            // A difference that is not 0: ∞ − ∞ and NaN − NaN are NaN.
            count &+ SIMD16<Int32>.zero.replacing(with: 1, where: (x - x) .!= 0)
        } merging: {
            $0 &+ $1
        }
    }
    return (0..<Lanes.scalarCount).reduce(0) { $0 + Int(lanes[$1]) }
}

/// The sum of `count` floats at `x`, in the order of ``sum(of:)``.
@inlinable @inline(__always)
package func sum(at x: UnsafePointer<Float>, count: Int) -> Float {
    unsafe foldLanes(x, count: count, from: Lanes.zero) {
        $0 + $1
    } merging: {
        $0 + $1
    }.sumOfLanes
}

/// Folds `count` floats at `x` lane by lane, in a fixed order; what is missing at the end counts as `padding`.
@inlinable @inline(__always)
package func foldLanes<Accumulator>(
    _ x: UnsafePointer<Float>, count: Int, from identity: Accumulator, padding: Float = 0,
    _ step: (Accumulator, Lanes) -> Accumulator, merging merge: (Accumulator, Accumulator) -> Accumulator
) -> Accumulator {
    // Main loop: four accumulators hide the latency of the addition.
    var (first, second, third, fourth) = (identity, identity, identity, identity)
    let whole = count & ~(4 * Lanes.scalarCount - 1)
    var i = 0
    while i < whole {
        first = unsafe step(first, Lanes(at: x + i))
        second = unsafe step(second, Lanes(at: x + i + 16))
        third = unsafe step(third, Lanes(at: x + i + 32))
        fourth = unsafe step(fourth, Lanes(at: x + i + 48))
        i += 4 * Lanes.scalarCount
    }
    // Remainder: whole lanes, then one with padding.
    forEachLanes(of: count - whole) { j, width in
        first = unsafe step(first, Lanes(at: x + whole + j, width: width, padding: padding))
    }
    return merge(merge(first, third), merge(second, fourth))
}
