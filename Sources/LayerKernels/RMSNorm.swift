public import Kernels

/// Brings every row to a root mean square of 1, then scales each column: `y = x / √(mean(x²) + epsilon) · gamma`.
///
/// `x` and `y` are [rows, columns], `gamma` is [columns]; `inverseRoot` is [rows] and is written for the gradient. MindSpore:
/// `ops.rms_norm` (Zhang and Sennrich, 2019).
public func rmsNorm(
    _ x: Span<Float>, gamma: Span<Float>, into y: inout MutableSpan<Float>, inverseRoot: inout MutableSpan<Float>,
    rows: Int, columns: Int, epsilon: Float, pool: ThreadPool
) {
    require(x.count, of: "x", is: rows * columns)
    require(gamma.count, of: "gamma", is: columns)
    require(y.count, of: "the result", is: rows * columns)
    require(inverseRoot.count, of: "the inverse root", is: rows)
    unsafe withAddresses(x, gamma) { x, gamma in
        unsafe withTargets(&y, &inverseRoot) { y, inverseRoot in
            let norm = unsafe RowNorm(
                x: x, gamma: gamma, beta: nil, y: y, mean: nil, inverseDeviation: inverseRoot, columns: columns,
                epsilon: epsilon)
            unsafe pool.forEachChunk(of: rows, grain: columns, with: norm) { norm, rows in unsafe norm.run(rows) }
        }
    }
}

/// Passes a gradient back through ``rmsNorm(_:gamma:into:inverseRoot:rows:columns:epsilon:pool:)``.
///
/// `gradient`, `x` and `xGradient` are [rows, columns], `gamma` and its gradient [columns], `inverseRoot` as the normalisation
/// left it. `xGradient` may be the memory of `gradient`.
public func rmsNormGradient(
    _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, inverseRoot: Span<Float>,
    into xGradient: inout MutableSpan<Float>, gammaGradient: inout MutableSpan<Float>, rows: Int, columns: Int,
    pool: ThreadPool
) {
    require(gradient.count, of: "the gradient", is: rows * columns)
    require(x.count, of: "x", is: rows * columns)
    require(gamma.count, of: "gamma", is: columns)
    require(inverseRoot.count, of: "the inverse root", is: rows)
    require(xGradient.count, of: "the gradient of x", is: rows * columns)
    require(gammaGradient.count, of: "the gradient of gamma", is: columns)
    let blocks = RowBlocks(rows: rows)
    unsafe withAddresses(gradient, x, gamma, inverseRoot) { gradient, x, gamma, inverseRoot in
        unsafe xGradient.withAddress { xGradient in
            pool.withScratch(blocks.count * columns) { sums in
                unsafe sums.withAddress { sums in
                    let norm = unsafe RowNormGradient(
                        gradient: gradient, x: x, gamma: gamma, mean: nil, inverseDeviation: inverseRoot,
                        xGradient: xGradient, sums: sums, blocks: blocks, columns: columns)
                    unsafe pool.forEach(blocks.count, with: norm) { norm, block in unsafe norm.run(block) }
                }
                sumLeadingAxis(sums.span, into: &gammaGradient, rows: blocks.count, columns: columns)
            }
        }
    }
}
