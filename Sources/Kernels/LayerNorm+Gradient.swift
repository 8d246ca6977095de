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
    unsafe gradient.withAddress { gradient in
        unsafe x.withAddress { x in
            unsafe gamma.withAddress { gamma in
                unsafe mean.withAddress { mean in
                    unsafe inverseDeviation.withAddress { inverseDeviation in
                        unsafe xGradient.withAddress { xGradient in
                            pool.withScratch(2 * blocks.count * columns) { sums in
                                unsafe sums.withAddress { sums in
                                    unsafe LayerNormGradient(
                                        gradient: gradient, x: x, gamma: gamma, mean: mean,
                                        inverseDeviation: inverseDeviation, xGradient: xGradient, sums: sums,
                                        blocks: blocks, columns: columns
                                    ).run(pool: pool)
                                }
                                let half = blocks.count * columns
                                let sums = sums.span
                                sumLeadingAxis(
                                    sums.extracting(..<half), into: &gammaGradient, rows: blocks.count, columns: columns
                                )
                                sumLeadingAxis(
                                    sums.extracting(half...), into: &betaGradient, rows: blocks.count, columns: columns)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Rows cut into blocks of one length, each summed by itself: the cut depends on the number of rows alone, so the sums
/// have the same bits for any number of threads.
package struct RowBlocks {
    package let rows: Int
    package let length: Int

    // 64 blocks occupy as many threads; blocks of fewer than 16 rows would cost more to add than to sum.
    package init(rows: Int) {
        self.rows = rows
        length = max(16, (rows + 63) / 64)
    }

    package var count: Int { (rows + length - 1) / length }

    package subscript(index: Int) -> Range<Int> { index * length..<min((index + 1) * length, rows) }
}

/// The arrays of one gradient. `sums` is [2, blocks, columns]: a block's share of gamma's gradient, and of beta's.
@unsafe private struct LayerNormGradient {
    let gradient: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let mean: UnsafePointer<Float>
    let inverseDeviation: UnsafePointer<Float>
    let xGradient: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    let blocks: RowBlocks
    let columns: Int

    func run(pool: ThreadPool) {
        unsafe pool.forEach(blocks.count, with: self) { gradient, block in unsafe gradient.run(block) }
    }

    private func run(_ block: Int) {
        let gammaSums = unsafe sums + block * columns
        let betaSums = unsafe sums + (blocks.count + block) * columns
        unsafe gammaSums.update(repeating: 0, count: columns)
        unsafe betaSums.update(repeating: 0, count: columns)
        for row in unsafe blocks[block] { unsafe run(row, gammaSums, betaSums) }
    }

    /// One row: with h the normalised x and d = g · gamma, dx = inverseDeviation · (d − mean(d) − h · mean(d · h)).
    private func run(_ row: Int, _ gammaSums: UnsafeMutablePointer<Float>, _ betaSums: UnsafeMutablePointer<Float>) {
        let (g, x) = unsafe (gradient + row * columns, x + row * columns)
        let (mean, inverse) = unsafe (mean[row], inverseDeviation[row])
        // Both sums of the row and the sums of the columns, while the row comes from memory.
        var (sum, sumOfProducts) = (Lanes.zero, Lanes.zero)
        unsafe forEachLanes(of: columns) { j, width in
            let g = unsafe Lanes(at: g + j, width: width)
            let normal = unsafe (Lanes(at: x + j, width: width) - mean) * inverse
            let d = unsafe g * Lanes(at: gamma + j, width: width)
            sum += d
            sumOfProducts = sumOfProducts.plus(d, times: normal)
            unsafe Lanes(at: gammaSums + j, width: width).plus(g, times: normal).store(to: gammaSums + j, width: width)
            unsafe (Lanes(at: betaSums + j, width: width) + g).store(to: betaSums + j, width: width)
        }
        // The row again, now from the cache.
        let (shift, slope) = unsafe (sum.sumOfLanes / Float(columns), sumOfProducts.sumOfLanes / Float(columns))
        let target = unsafe xGradient + row * columns
        unsafe forEachLanes(of: columns) { j, width in
            let normal = unsafe (Lanes(at: x + j, width: width) - mean) * inverse
            let d = unsafe Lanes(at: g + j, width: width) * Lanes(at: gamma + j, width: width)
            unsafe ((d - shift).plus(-slope, times: normal) * inverse).store(to: target + j, width: width)
        }
    }
}
