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
            let norm = unsafe RMSNorm(
                x: x, gamma: gamma, y: y, inverseRoot: inverseRoot, columns: columns, epsilon: epsilon)
            unsafe pool.forEachChunk(of: rows, grain: columns, with: norm) { norm, rows in
                for row in rows { unsafe norm.run(row) }
            }
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
                    let norm = unsafe RMSNormGradient(
                        gradient: gradient, x: x, gamma: gamma, inverseRoot: inverseRoot, xGradient: xGradient,
                        sums: sums, blocks: blocks, columns: columns)
                    unsafe pool.forEach(blocks.count, with: norm) { norm, block in unsafe norm.run(block) }
                }
                sumLeadingAxis(sums.span, into: &gammaGradient, rows: blocks.count, columns: columns)
            }
        }
    }
}

/// The arrays of one normalisation.
@unsafe private struct RMSNorm {
    let x: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let inverseRoot: UnsafeMutablePointer<Float>
    let columns: Int
    let epsilon: Float

    func run(_ row: Int) {
        let (x, y) = unsafe (x + row * columns, y + row * columns)
        let squares = unsafe foldLanes(x, count: columns, from: Lanes.zero) {
            $0.plus($1, times: $1)
        } merging: {
            $0 + $1
        }.sumOfLanes
        let inverse = unsafe 1 / (squares / Float(columns) + epsilon).squareRoot()
        unsafe forEachLanes(of: columns) { j, width in
            let normal = unsafe Lanes(at: x + j, width: width) * inverse
            unsafe (normal * Lanes(at: gamma + j, width: width)).store(to: y + j, width: width)
        }
        unsafe inverseRoot[row] = inverse
    }
}

/// The arrays of one gradient. `sums` is [blocks, columns]: a block of rows' share of gamma's gradient.
@unsafe private struct RMSNormGradient {
    let gradient: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let inverseRoot: UnsafePointer<Float>
    let xGradient: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    let blocks: RowBlocks
    let columns: Int

    func run(_ block: Int) {
        let sums = unsafe sums + block * columns
        unsafe sums.update(repeating: 0, count: columns)
        for row in unsafe blocks[block] { unsafe run(row, sums) }
    }

    /// One row: with h the normalised x and d = g · gamma, dx = inverseRoot · (d − h · mean(d · h)).
    private func run(_ row: Int, _ sums: UnsafeMutablePointer<Float>) {
        let (g, x, inverse) = unsafe (gradient + row * columns, x + row * columns, inverseRoot[row])
        var products = Lanes.zero
        unsafe forEachLanes(of: columns) { j, width in
            let g = unsafe Lanes(at: g + j, width: width)
            let normal = unsafe Lanes(at: x + j, width: width) * inverse
            products = unsafe products.plus(g * Lanes(at: gamma + j, width: width), times: normal)
            unsafe Lanes(at: sums + j, width: width).plus(g, times: normal).store(to: sums + j, width: width)
        }
        let slope = unsafe products.sumOfLanes / Float(columns)
        let target = unsafe xGradient + row * columns
        unsafe forEachLanes(of: columns) { j, width in
            let normal = unsafe Lanes(at: x + j, width: width) * inverse
            let d = unsafe Lanes(at: g + j, width: width) * Lanes(at: gamma + j, width: width)
            unsafe (d.plus(-slope, times: normal) * inverse).store(to: target + j, width: width)
        }
    }
}
