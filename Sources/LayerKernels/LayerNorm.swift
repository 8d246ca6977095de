public import Kernels

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
    unsafe withAddresses(x, gamma, beta) { x, gamma, beta in
        unsafe withTargets(&y, &mean, &inverseDeviation) { y, mean, inverseDeviation in
            let norm = unsafe RowNorm(
                x: x, gamma: gamma, beta: beta, y: y, mean: mean, inverseDeviation: inverseDeviation,
                columns: columns, epsilon: epsilon)
            unsafe pool.forEachChunk(of: rows, grain: columns, with: norm) { norm, rows in
                unsafe norm.run(rows)
            }
        }
    }
}

/// Passes a gradient back through ``layerNorm(_:gamma:beta:into:mean:inverseDeviation:rows:columns:epsilon:pool:)``, in
/// one pass over `gradient` and `x`.
///
/// `gradient`, `x` and `xGradient` are [rows, columns], `gamma` and its and beta's gradients are [columns], `mean` and
/// `inverseDeviation`, as the normalisation left them, are [rows]. `xGradient` may be the memory of `gradient`.
public func layerNormGradient(
    _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, mean: Span<Float>, inverseDeviation: Span<Float>,
    into xGradient: inout MutableSpan<Float>, gammaGradient: inout MutableSpan<Float>,
    betaGradient: inout MutableSpan<Float>, rows: Int, columns: Int, pool: ThreadPool
) {
    require(gradient.count, of: "the gradient", is: rows * columns)
    require(x.count, of: "x", is: rows * columns)
    require(gamma.count, of: "gamma", is: columns)
    require(mean.count, of: "the mean", is: rows)
    require(inverseDeviation.count, of: "the inverse deviation", is: rows)
    require(xGradient.count, of: "the gradient of x", is: rows * columns)
    require(gammaGradient.count, of: "the gradient of gamma", is: columns)
    require(betaGradient.count, of: "the gradient of beta", is: columns)
    let blocks = RowBlocks(rows: rows)
    unsafe withAddresses(gradient, x, gamma, mean, inverseDeviation) { gradient, x, gamma, mean, inverseDeviation in
        unsafe xGradient.withAddress { xGradient in
            pool.withScratch(2 * blocks.count * columns) { sums in
                unsafe sums.withAddress { sums in
                    let norm = unsafe RowNormGradient(
                        gradient: gradient, x: x, gamma: gamma, mean: mean, inverseDeviation: inverseDeviation,
                        xGradient: xGradient, sums: sums, blocks: blocks, columns: columns)
                    unsafe pool.forEach(blocks.count, with: norm) { norm, block in unsafe norm.run(block) }
                }
                let half = blocks.count * columns
                let sums = sums.span
                sumLeadingAxis(sums.extracting(..<half), into: &gammaGradient, rows: blocks.count, columns: columns)
                sumLeadingAxis(sums.extracting(half...), into: &betaGradient, rows: blocks.count, columns: columns)
            }
        }
    }
}
