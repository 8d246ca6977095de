import Kernels
import Testing

/// Lengths around the lanes and the four accumulators, odd and large.
let awkwardLengths = [0, 1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 129, 1000, 4099]

/// `count` numbers that look random and are the same in every run.
func randomValues(_ count: Int, seed: UInt64 = 1, in range: Range<Float> = -2..<2) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    var span = values.mutableSpan
    CounterBasedGenerator(seed: seed, stream: 99).fillUniform(&span, in: range)
    return values
}

/// An array written by `body`; NaN stands where it did not write.
func written(_ count: Int, _ body: (inout MutableSpan<Float>) -> Void) -> [Float] {
    var values = [Float](repeating: .nan, count: count)
    var span = values.mutableSpan
    body(&span)
    return values
}

/// Whether two arrays hold the same bits, all NaNs being one.
func isSame(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}

/// The largest difference between two arrays, as a share of the larger of 1 and the expected number.
func largestError(_ actual: [Float], _ expected: [Float]) -> Float {
    guard actual.count == expected.count else { return .infinity }
    return zip(actual, expected).reduce(0) { error, pair in
        if pair.0 == pair.1 || (pair.0.isNaN && pair.1.isNaN) { return error }
        let difference = abs(pair.0 - pair.1) / max(1, abs(pair.1))
        return difference.isNaN ? .infinity : max(error, difference)
    }
}

/// The largest difference from the gradient that central differences of `function` give, at every element of `x`.
///
/// As a share of the larger of 1 and the numeric gradient. `function` is linear or smooth, in double precision at best.
func largestGradientError(_ gradient: [Float], of x: [Float], step: Float, _ function: ([Float]) -> Double) -> Double {
    var worst = 0.0
    var moved = x
    for i in x.indices {
        moved[i] = x[i] + step
        let above = function(moved)
        let width = Double(moved[i])
        moved[i] = x[i] - step
        let numeric = (above - function(moved)) / (width - Double(moved[i]))
        moved[i] = x[i]
        let difference = abs(numeric - Double(gradient[i])) / max(1, abs(numeric))
        worst = difference.isNaN ? .infinity : max(worst, difference)
    }
    return worst
}

/// The scalar product of two arrays in double precision.
func scalarProduct(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
