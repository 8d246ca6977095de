/// Passes a gradient back through ``causalAttention(_:into:logSumExp:geometry:dropout:pool:)``.
///
/// `outputGradient` and `output` are [batch · length, heads · size], `qkv` and `qkvGradient` are
/// [batch · length, heads · 3 · size], `logSumExp` is [batch, heads, length]; `qkv`, `output`, `logSumExp` and `dropout`
/// are those of the attention. The probabilities are computed again, for 96 queries at a time (Dao and others,
/// "FlashAttention", 2022). MindSpore: `FlashAttentionScoreGrad`.
public func causalAttentionGradient(
    _ outputGradient: Span<Float>, qkv: Span<Float>, output: Span<Float>, logSumExp: Span<Float>,
    into qkvGradient: inout MutableSpan<Float>, geometry: AttentionGeometry, dropout: AttentionDropout? = nil,
    pool: ThreadPool
) {
    require(outputGradient.count, of: "the gradient", is: geometry.outputCount)
    require(qkv.count, of: "q, k and v", is: geometry.projectionCount)
    require(output.count, of: "the output", is: geometry.outputCount)
    require(logSumExp.count, of: "the logarithms", is: geometry.rowCount)
    require(qkvGradient.count, of: "the gradient of q, k and v", is: geometry.projectionCount)
    unsafe withAddresses(outputGradient, qkv, output, logSumExp) { outputGradient, qkv, output, logSumExp in
        unsafe qkvGradient.withAddress { qkvGradient in
            let gradient = unsafe AttentionGradient(
                tiles: AttentionTiles(geometry), outputGradient: outputGradient, qkv: qkv, output: output,
                logSumExp: logSumExp, qkvGradient: qkvGradient, dropout: dropout, pool: pool)
            unsafe pool.forEach(geometry.batch * geometry.heads, with: gradient) { gradient, head in
                unsafe gradient.run(head)
            }
        }
    }
}

/// The arrays of one gradient, and the loops over one head.
@unsafe private struct AttentionGradient {
    let tiles: AttentionTiles
    let outputGradient: UnsafePointer<Float>
    let qkv: UnsafePointer<Float>
    let output: UnsafePointer<Float>
    let logSumExp: UnsafePointer<Float>
    let qkvGradient: UnsafeMutablePointer<Float>
    let dropout: AttentionDropout?
    let pool: ThreadPool

    // Whole tiles. Each block of rows is read and added to all gradients of k and v before it, which costs about as much
    // as 8 rows of products.
    private static var blockRows: Int { 8 * Tile.rows }

    /// Computes head `index % heads` of sequence `index / heads`.
    func run(_ index: Int) {
        let (rows, panels) = unsafe (tiles.rowsCount, tiles.panelsCount)
        let block = unsafe min(Self.blockRows, Tile.padded(tiles.geometry.length, to: Tile.rows)) * tiles.scoreStride
        let total = unsafe 3 * rows + 2 * panels + 2 * block + tiles.factorsCount
        unsafe pool.withScratch(total) { scratch in
            unsafe scratch.withAddress { scratch in
                let (q, k, g) = unsafe (scratch, scratch + rows, scratch + 2 * rows)
                let (keys, values) = unsafe (scratch + 3 * rows, scratch + 3 * rows + panels)
                let blocks = unsafe scratch + 3 * rows + 2 * panels
                let place = unsafe HeadPlace(index, geometry: tiles.geometry)
                let head = unsafe HeadGradient(
                    tiles: tiles, place: place, queries: q, keys: k, gradient: g, keyPanels: keys, valuePanels: values,
                    probabilities: blocks, scoreGradient: blocks + block, factors: blocks + 2 * block,
                    output: output + place.output, logSumExp: logSumExp + place.rows,
                    target: qkvGradient,
                    dropout: dropout.flatMap { $0.rate == 0 ? nil : ($0.rate, place.mask(of: $0)) })
                unsafe copy(place, to: head)
                for first in unsafe stride(from: 0, to: tiles.geometry.length, by: Self.blockRows) {
                    unsafe head.run(first..<min(first + Self.blockRows, tiles.geometry.length))
                }
            }
        }
    }

    /// Copies what the products read.
    private func copy(_ place: HeadPlace, to head: HeadGradient) {
        let width = unsafe tiles.geometry.width
        unsafe tiles.copyRows(of: qkv + place.queries, stride: 3 * width, into: head.queries)
        unsafe tiles.copyRows(of: qkv + place.keys, stride: 3 * width, into: head.keys)
        unsafe tiles.copyRows(of: outputGradient + place.output, stride: width, into: head.gradient)
        unsafe tiles.packColumns(of: qkv + place.keys, stride: 3 * width, into: head.keyPanels)
        unsafe tiles.packColumns(of: qkv + place.values, stride: 3 * width, into: head.valuePanels)
    }
}
