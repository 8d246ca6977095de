public import Kernels

/// The gradient of a logarithm of a softmax over rows: `result[r, j] = g[r, j] − e^y[r, j] · Σ_k g[r, k]`.
///
/// `gradient` (g), `output` (y, what `logSoftmax` gave) and `result` are [rows, columns]; `result` may be the memory of
/// `gradient`. The rows are spread over the pool. MindSpore: `LogSoftmaxGrad`.
public func logSoftmaxGradient(
    _ gradient: Span<Float>, output: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int,
    pool: ThreadPool
) {
    require(gradient.count, of: "the gradient", is: rows * columns)
    require(output.count, of: "the output", is: rows * columns)
    require(result.count, of: "the result", is: rows * columns)
    unsafe withAddresses(gradient, output) { gradient, output in
        unsafe result.withAddress { result in
            let arrays = unsafe (gradient, output, result, columns)
            unsafe pool.forEachChunk(of: rows, grain: columns, with: arrays) { arrays, rows in
                let columns = unsafe arrays.3
                for row in rows {
                    let (g, y) = unsafe (arrays.0 + row * columns, arrays.1 + row * columns)
                    let (target, total) = unsafe (arrays.2 + row * columns, sum(at: g, count: columns))
                    forEachLanes(of: columns) { j, width in
                        let share = unsafe exponentialOfNegative(Lanes(at: y + j, width: width))
                        unsafe Lanes(at: g + j, width: width).plus(-total, times: share)
                            .store(to: target + j, width: width)
                    }
                }
            }
        }
    }
}
