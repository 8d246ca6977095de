/// Multiplies every row by a factor of its own: `result[r, j] = x[r, j] · factors[r]`.
///
/// `x` and `result` are [rows, columns], `factors` is [rows]; `result` may be the memory of `x`.
public func scaleRows(
    _ x: Span<Float>, by factors: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int
) {
    require(x.count, of: "x", is: rows * columns)
    require(factors.count, of: "the factors", is: rows)
    require(result.count, of: "the result", is: rows * columns)
    unsafe withAddresses(x, factors) { x, factors in
        unsafe result.withAddress { result in
            for row in 0..<rows {
                let start = row * columns
                let factor = unsafe factors[row]
                forEachLanes(of: columns) { j, width in
                    let scaled = unsafe Lanes(at: x + start + j, width: width) * factor
                    unsafe scaled.store(to: result + start + j, width: width)
                }
            }
        }
    }
}

/// The gradient of a softmax over rows: `result[r, j] = y[r, j] · (g[r, j] − Σ_k g[r, k] · y[r, k])`.
///
/// `gradient` (g), `output` (y, the softmax) and `result` are [rows, columns]; `result` may be the memory of `gradient`.
public func softmaxGradient(
    _ gradient: Span<Float>, output: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int
) {
    require(gradient.count, of: "the gradient", is: rows * columns)
    require(output.count, of: "the output", is: rows * columns)
    require(result.count, of: "the result", is: rows * columns)
    unsafe withAddresses(gradient, output) { gradient, output in
        unsafe result.withAddress { result in
            for row in 0..<rows {
                let start = row * columns
                let (g, y) = unsafe (gradient + start, output + start)
                var sums = Lanes.zero
                forEachLanes(of: columns) { j, width in
                    sums = unsafe sums.plus(Lanes(at: g + j, width: width), times: Lanes(at: y + j, width: width))
                }
                let sum = sums.sumOfLanes
                forEachLanes(of: columns) { j, width in
                    let value = unsafe Lanes(at: y + j, width: width) * (Lanes(at: g + j, width: width) - sum)
                    unsafe value.store(to: result + start + j, width: width)
                }
            }
        }
    }
}

/// 1 where `a` is at least `b`, else 0: which of the two a maximum takes.
public func isAtLeast(_ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>) {
    mapLanes(a, b, into: &result) { a, b in Lanes.zero.replacing(with: 1, where: a .>= b) }
}
