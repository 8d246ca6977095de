/// Brings every row to mean 0 and deviation 1, then scales and shifts each column:
/// `y[r, j] = (x[r, j] − mean[r]) · inverseDeviation[r] · gamma[j] + beta[j]`.
///
/// `x` and `y` are [rows, columns]; `gamma` and `beta` are [columns]; `mean` and `inverseDeviation` are [rows] and are
/// written for the gradient. The deviation is `√(variance + epsilon)`, the variance that of all elements of the row (not
/// of a sample). MindSpore: `LayerNorm` over the last axis, which returns the variance instead.
public func layerNorm(
    _ x: Span<Float>, gamma: Span<Float>, beta: Span<Float>, into y: inout MutableSpan<Float>,
    mean: inout MutableSpan<Float>, inverseDeviation: inout MutableSpan<Float>,
    rows: Int, columns: Int, epsilon: Float, pool: ThreadPool
) {
    require(x.count, of: "x", is: rows * columns)
    require(gamma.count, of: "gamma", is: columns)
    require(beta.count, of: "beta", is: columns)
    require(y.count, of: "the result", is: rows * columns)
    require(mean.count, of: "the mean", is: rows)
    require(inverseDeviation.count, of: "the inverse deviation", is: rows)
    unsafe x.withAddress { x in
        unsafe gamma.withAddress { gamma in
            unsafe beta.withAddress { beta in
                unsafe y.withAddress { y in
                    unsafe mean.withAddress { mean in
                        unsafe inverseDeviation.withAddress { inverseDeviation in
                            let norm = unsafe LayerNorm(
                                x: x, gamma: gamma, beta: beta, y: y, mean: mean, inverseDeviation: inverseDeviation,
                                columns: columns, epsilon: epsilon)
                            unsafe pool.forEachChunk(of: rows, grain: columns, with: norm) { norm, rows in
                                for row in rows { unsafe norm.run(row) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The arrays of one normalisation.
@unsafe private struct LayerNorm {
    let x: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let beta: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let mean: UnsafeMutablePointer<Float>
    let inverseDeviation: UnsafeMutablePointer<Float>
    let columns: Int
    let epsilon: Float

    /// Normalises one row. The row is read three times, but only the first time from memory.
    func run(_ row: Int) {
        let (x, y) = unsafe (x + row * columns, y + row * columns)
        let mean = unsafe sum(at: x, count: columns) / Float(columns)
        // Differences, not the mean of squares less the square of the mean: that would cancel.
        let squares = unsafe foldLanes(x, count: columns, from: Lanes.zero, padding: mean) {
            $0.plus($1 - mean, times: $1 - mean)
        } merging: {
            $0 + $1
        }.sumOfLanes
        let inverse = unsafe 1 / (squares / Float(columns) + epsilon).squareRoot()
        unsafe forEachLanes(of: columns) { j, width in
            let normal = unsafe (Lanes(at: x + j, width: width) - mean) * inverse
            let scaled = unsafe Lanes(at: beta + j, width: width).plus(
                normal, times: Lanes(at: gamma + j, width: width))
            unsafe scaled.store(to: y + j, width: width)
        }
        unsafe self.mean[row] = mean
        unsafe inverseDeviation[row] = inverse
    }
}
