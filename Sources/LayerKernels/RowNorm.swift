import Kernels

/// The arrays of one normalisation of rows: around their mean, with a shift, or around 0, without one.
@unsafe struct RowNorm {
    let x: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let beta: UnsafePointer<Float>?
    let y: UnsafeMutablePointer<Float>
    let mean: UnsafeMutablePointer<Float>?
    let inverseDeviation: UnsafeMutablePointer<Float>
    let columns: Int
    let epsilon: Float

    func run(_ rows: Range<Int>) {
        // Two loops, each of which knows at compile time whether there is a mean.
        if unsafe mean != nil {
            for row in rows { unsafe run(row, isCentered: true) }
        } else {
            for row in rows { unsafe run(row, isCentered: false) }
        }
    }

    /// Normalises one row. The row is read up to three times, but only the first time from memory.
    @inline(__always)
    private func run(_ row: Int, isCentered: Bool) {
        let (x, y) = unsafe (x + row * columns, y + row * columns)
        let center = unsafe isCentered ? sum(at: x, count: columns) / Float(columns) : 0
        // Differences, not the mean of squares less the square of the mean: that would cancel.
        let squares = unsafe foldLanes(x, count: columns, from: Lanes.zero, padding: center) {
            $0.plus($1 - center, times: $1 - center)
        } merging: {
            $0 + $1
        }.sumOfLanes
        let inverse = unsafe 1 / (squares / Float(columns) + epsilon).squareRoot()
        unsafe forEachLanes(of: columns) { j, width in
            let normal = unsafe (Lanes(at: x + j, width: width) - center) * inverse
            let factors = unsafe Lanes(at: gamma + j, width: width)
            if isCentered, let beta = unsafe beta {
                unsafe Lanes(at: beta + j, width: width).plus(normal, times: factors).store(to: y + j, width: width)
            } else {
                unsafe (normal * factors).store(to: y + j, width: width)
            }
        }
        if isCentered, let mean = unsafe mean { unsafe mean[row] = center }
        unsafe inverseDeviation[row] = inverse
    }
}

/// Rows cut into blocks of one length, each summed by itself: the cut depends on the number of rows alone, so the sums
/// have the same bits for any number of threads.
struct RowBlocks {
    let rows: Int
    let length: Int

    // 64 blocks occupy as many threads; blocks of fewer than 16 rows would cost more to add than to sum.
    init(rows: Int) {
        self.rows = rows
        length = max(16, (rows + 63) / 64)
    }

    var count: Int { (rows + length - 1) / length }

    subscript(index: Int) -> Range<Int> { index * length..<min((index + 1) * length, rows) }
}

/// The arrays of one gradient. `sums` is [blocks, columns], a block's share of gamma's gradient; with a mean it is [2, blocks,
/// columns], then beta's.
@unsafe struct RowNormGradient {
    let gradient: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let mean: UnsafePointer<Float>?
    let inverseDeviation: UnsafePointer<Float>
    let xGradient: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    let blocks: RowBlocks
    let columns: Int

    func run(_ block: Int) {
        let gammaSums = unsafe sums + block * columns
        let betaSums = unsafe sums + (blocks.count + block) * columns
        unsafe gammaSums.update(repeating: 0, count: columns)
        guard let mean = unsafe mean else {
            for row in unsafe blocks[block] { unsafe run(row, around: 0, gammaSums, gammaSums, isCentered: false) }
            return
        }
        unsafe betaSums.update(repeating: 0, count: columns)
        for row in unsafe blocks[block] {
            unsafe run(row, around: mean[row], gammaSums, betaSums, isCentered: true)
        }
    }

    /// One row: with h the normalised x and d = g · gamma, dx = inverseDeviation · (d − mean(d) − h · mean(d · h)); around 0 it is
    /// the same without mean(d).
    @inline(__always)
    private func run(
        _ row: Int, around center: Float, _ gammaSums: UnsafeMutablePointer<Float>,
        _ betaSums: UnsafeMutablePointer<Float>, isCentered: Bool
    ) {
        let (g, x, inverse) = unsafe (gradient + row * columns, x + row * columns, inverseDeviation[row])
        // Both sums of the row and the sums of the columns, while the row comes from memory.
        var (sum, sumOfProducts) = (Lanes.zero, Lanes.zero)
        unsafe forEachLanes(of: columns) { j, width in
            let g = unsafe Lanes(at: g + j, width: width)
            let normal = unsafe (Lanes(at: x + j, width: width) - center) * inverse
            let d = unsafe g * Lanes(at: gamma + j, width: width)
            sumOfProducts = sumOfProducts.plus(d, times: normal)
            unsafe Lanes(at: gammaSums + j, width: width).plus(g, times: normal).store(to: gammaSums + j, width: width)
            guard isCentered else { return }
            sum += d
            unsafe (Lanes(at: betaSums + j, width: width) + g).store(to: betaSums + j, width: width)
        }
        // The row again, now from the cache.
        let (shift, slope) = unsafe (sum.sumOfLanes / Float(columns), sumOfProducts.sumOfLanes / Float(columns))
        let target = unsafe xGradient + row * columns
        unsafe forEachLanes(of: columns) { j, width in
            let normal = unsafe (Lanes(at: x + j, width: width) - center) * inverse
            let d = unsafe Lanes(at: g + j, width: width) * Lanes(at: gamma + j, width: width)
            let centered = isCentered ? d - shift : d
            unsafe (centered.plus(-slope, times: normal) * inverse).store(to: target + j, width: width)
        }
    }
}
