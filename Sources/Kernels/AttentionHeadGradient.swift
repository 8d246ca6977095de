/// The gradient of one head: its copies of q, k, v and the output's gradient, and the memory for a block of scores.
@unsafe struct HeadGradient {
    let tiles: AttentionTiles
    let place: HeadPlace

    /// Copied rows.
    let queries: UnsafeMutablePointer<Float>
    let keys: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>

    /// Copied columns.
    let keyPanels: UnsafeMutablePointer<Float>
    let valuePanels: UnsafeMutablePointer<Float>

    /// The probabilities of a block of rows, with the dropout applied.
    let probabilities: UnsafeMutablePointer<Float>

    /// The gradient of the block's scores.
    let scoreGradient: UnsafeMutablePointer<Float>

    /// Memory for the dropout of one row.
    let factors: UnsafeMutablePointer<Float>

    /// The head's first row in the output, in the logarithms, and the gradient of the projections.
    let output: UnsafePointer<Float>
    let logSumExp: UnsafePointer<Float>
    let target: UnsafeMutablePointer<Float>

    let dropout: (rate: Float, mask: DropoutMask)?

    /// Writes the gradient of the queries in `block`, and adds its share to those of the keys and values up to there.
    func run(_ block: Range<Int>) {
        let stride = unsafe tiles.scoreStride
        for first in Swift.stride(from: block.lowerBound, to: block.upperBound, by: Tile.rows) {
            let start = (first - block.lowerBound) * stride
            let rows = unsafe tiles.rows(from: first)
            // q · kᵀ and dO · vᵀ, then P and dS in their places.
            unsafe tiles.multiply(queries, panels: keyPanels, first: first, into: probabilities + start)
            unsafe tiles.multiply(gradient, panels: valuePanels, first: first, into: scoreGradient + start)
            for row in 0..<rows {
                unsafe runRow(first + row, probabilities + start + row * stride, scoreGradient + start + row * stride)
            }
            // dQ = dS · K.
            unsafe tiles.multiply(
                Panel(address: scoreGradient + start, laneStride: stride, depthStride: 1), keys, depth: first + rows,
                rows: rows, into: target + place.queries + first * 3 * tiles.geometry.width,
                stride: 3 * tiles.geometry.width)
        }
        // dV += Pᵀ · dO and dK += dSᵀ · Q.
        for first in Swift.stride(from: 0, to: block.upperBound, by: Tile.rows) {
            unsafe addColumns(first, of: probabilities, block, times: gradient, into: place.values)
            unsafe addColumns(first, of: scoreGradient, block, times: queries, into: place.keys)
        }
    }

    /// One row: from the scores to P, and from the products dO · vᵀ to dS = P ∘ (dP − dO · O) · scale.
    private func runRow(_ query: Int, _ row: UnsafeMutablePointer<Float>, _ gradientRow: UnsafeMutablePointer<Float>) {
        let (scale, padded) = unsafe (tiles.scale, tiles.paddedKeys(query / Tile.rows * Tile.rows))
        let logarithm = unsafe logSumExp[query]
        let shift = unsafe productOfRows(query)
        unsafe hideLater(row, query: query, padded: padded)
        guard let (rate, mask) = unsafe dropout else {
            for j in stride(from: 0, to: padded, by: Lanes.scalarCount) {
                let p = unsafe exponentialOfNegative(
                    Lanes(repeating: -logarithm).plus(scale, times: Lanes(at: row + j)))
                unsafe p.store(to: row + j)
                unsafe (p * (Lanes(at: gradientRow + j) - shift) * scale).store(to: gradientRow + j)
            }
            return
        }
        let factors = unsafe DropoutFactors(rate: rate, mask: mask).store(
            from: mask.number(row: query, column: 0), count: padded, into: factors)
        for j in stride(from: 0, to: padded, by: Lanes.scalarCount) {
            let p = unsafe exponentialOfNegative(Lanes(repeating: -logarithm).plus(scale, times: Lanes(at: row + j)))
            let factor = unsafe Lanes(at: factors + j)
            unsafe (p * factor).store(to: row + j)
            unsafe (p * (Lanes(at: gradientRow + j) * factor - shift) * scale).store(to: gradientRow + j)
        }
    }

    /// Σ dO · O of a row, which is Σ P · dP: what the softmax takes off.
    private func productOfRows(_ query: Int) -> Float {
        let (g, y) = unsafe (gradient + query * tiles.rowStride, output + query * tiles.geometry.width)
        var sums = Lanes.zero
        unsafe forEachLanes(of: tiles.geometry.size) { j, width in
            sums = unsafe sums.plus(Lanes(at: g + j, width: width), times: Lanes(at: y + j, width: width))
        }
        return sums.sumOfLanes
    }

    /// Adds the products of 12 columns of a block with copied rows: of the block's rows only those that see the columns.
    private func addColumns(
        _ first: Int, of block: UnsafePointer<Float>, _ rows: Range<Int>, times right: UnsafePointer<Float>,
        into start: Int
    ) {
        let from = max(first, rows.lowerBound)
        let width = unsafe 3 * tiles.geometry.width
        let left = unsafe Panel(
            address: block + (from - rows.lowerBound) * tiles.scoreStride + first, laneStride: 1,
            depthStride: tiles.scoreStride)
        // The first block that reaches these columns is the one that begins no later: it writes, the next add.
        unsafe tiles.multiply(
            left, right + from * tiles.rowStride, depth: rows.upperBound - from, rows: tiles.rows(from: first),
            into: target + start + first * width, stride: width, accumulate: first < rows.lowerBound)
    }
}
