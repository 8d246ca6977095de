/// Causal attention of several heads: `output = softmax(q · kᵀ / √size) · v`, where a token sees itself and those before.
///
/// - `qkv`: the fused projections, [batch · length, heads · 3 · size]: for each head its q, k and v.
/// - `output`: [batch · length, heads · size].
/// - `logSumExp`: [batch, heads, length], the logarithm of what each row of probabilities was divided by, which
///   ``causalAttentionGradient(_:qkv:output:logSumExp:into:geometry:dropout:pool:)`` needs.
/// - `dropout`: drops probabilities; nil or rate 0 drops none and costs nothing.
///
/// Scores exist for 12 queries at a time only, and above the diagonal hardly any are computed: what is infinite or NaN
/// in v may therefore reach up to 11 tokens before its own. The threads divide sequences and heads. MindSpore:
/// `FlashAttentionScore` with a causal mask.
public func causalAttention(
    _ qkv: Span<Float>, into output: inout MutableSpan<Float>, logSumExp: inout MutableSpan<Float>,
    geometry: AttentionGeometry, dropout: AttentionDropout? = nil, pool: ThreadPool
) {
    require(qkv.count, of: "q, k and v", is: geometry.projectionCount)
    require(output.count, of: "the output", is: geometry.outputCount)
    require(logSumExp.count, of: "the logarithms", is: geometry.rowCount)
    unsafe qkv.withAddress { qkv in
        unsafe withTargets(&output, &logSumExp) { output, logSumExp in
            let attention = unsafe Attention(
                tiles: AttentionTiles(geometry), qkv: qkv, output: output, logSumExp: logSumExp,
                dropout: dropout, pool: pool)
            unsafe pool.forEach(geometry.batch * geometry.heads, with: attention) { attention, head in
                unsafe attention.run(head)
            }
        }
    }
}

/// The arrays of one attention, and the loops over one head.
@unsafe private struct Attention {
    let tiles: AttentionTiles
    let qkv: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let logSumExp: UnsafeMutablePointer<Float>
    let dropout: AttentionDropout?
    let pool: ThreadPool

    /// Computes head `index % heads` of sequence `index / heads`.
    func run(_ index: Int) {
        let place = unsafe HeadPlace(index, geometry: tiles.geometry)
        let counts = unsafe (
            tiles.rowsCount, tiles.panelsCount, tiles.rowsCount, Tile.rows * tiles.scoreStride, tiles.factorsCount
        )
        unsafe pool.withScratch(counts.0 + counts.1 + counts.2 + counts.3 + counts.4) { scratch in
            unsafe scratch.withAddress { scratch in
                let queries = unsafe scratch
                let keys = unsafe queries + counts.0
                let values = unsafe keys + counts.1
                let scores = unsafe values + counts.2
                unsafe tiles.copyRows(of: qkv + place.queries, stride: 3 * tiles.geometry.width, into: queries)
                unsafe tiles.packColumns(of: qkv + place.keys, stride: 3 * tiles.geometry.width, into: keys)
                unsafe tiles.copyRows(of: qkv + place.values, stride: 3 * tiles.geometry.width, into: values)
                for first in unsafe stride(from: 0, to: tiles.geometry.length, by: Tile.rows) {
                    unsafe tiles.multiply(queries, panels: keys, first: first, into: scores)
                    unsafe runRows(
                        first, place, scores: scores, values: values, factors: scores + counts.3)
                }
            }
        }
    }

    /// Turns the scores of up to 12 queries into probabilities, and multiplies the values with them.
    private func runRows(
        _ first: Int, _ place: HeadPlace, scores: UnsafeMutablePointer<Float>, values: UnsafePointer<Float>,
        factors: UnsafeMutablePointer<Float>
    ) {
        let (width, size) = unsafe (tiles.geometry.width, tiles.geometry.size)
        let rows = unsafe tiles.rows(from: first)
        let padded = unsafe tiles.paddedKeys(first)
        let mask = unsafe dropout.flatMap { $0.rate == 0 ? nil : ($0.rate, place.mask(of: $0)) }
        var inverses = InlineArray<12, Float>(repeating: 0)
        for row in 0..<rows {
            let line = unsafe scores + row * tiles.scoreStride
            unsafe hideLater(line, query: first + row, padded: padded)
            let (sum, logarithm) = unsafe exponentials(of: line, scale: tiles.scale, count: padded)
            inverses[row] = 1 / sum
            unsafe logSumExp[place.rows + first + row] = logarithm
            guard let (rate, mask) = mask else { continue }
            let factors = unsafe DropoutFactors(rate: rate, mask: mask).store(
                from: mask.number(row: first + row, column: 0), count: first + row + 1, into: factors)
            unsafe multiplyRow(line, by: factors, count: first + row + 1)
        }
        let target = unsafe output + place.output + first * width
        unsafe tiles.multiply(
            Panel(address: scores, laneStride: tiles.scoreStride, depthStride: 1), values, depth: first + rows,
            rows: rows, into: target, stride: width)
        for row in 0..<rows {
            let inverse = inverses[row]
            let line = unsafe target + row * width
            forEachLanes(of: size) { j, width in
                unsafe (Lanes(at: line + j, width: width) * inverse).store(to: line + j, width: width)
            }
        }
    }
}

/// Stores `e^(scale · (x − largest))` of a row of whole lanes; returns their sum and its logarithm with the largest
/// put back.
@inline(__always)
private func exponentials(
    of row: UnsafeMutablePointer<Float>, scale: Float, count: Int
) -> (sum: Float, logarithm: Float) {
    var peaks = Lanes(repeating: -.infinity)
    for j in stride(from: 0, to: count, by: 16) {
        let x = unsafe Lanes(at: row + j)
        peaks = peaks.choosing(x, whereNegative: peaks - x)
    }
    let largest = peaks.largestLane * scale
    var sums = Lanes.zero
    for j in stride(from: 0, to: count, by: 16) {
        let lanes = unsafe exponentialOfNegative(Lanes(repeating: -largest).plus(scale, times: Lanes(at: row + j)))
        unsafe lanes.store(to: row + j)
        sums += lanes
    }
    let sum = sums.sumOfLanes
    return (sum, largest + logarithm(of: sum))
}

/// Multiplies a row by another.
@inline(__always)
private func multiplyRow(_ row: UnsafeMutablePointer<Float>, by factors: UnsafePointer<Float>, count: Int) {
    forEachLanes(of: count) { j, width in
        let product = unsafe Lanes(at: row + j, width: width) * Lanes(at: factors + j, width: width)
        unsafe product.store(to: row + j, width: width)
    }
}
