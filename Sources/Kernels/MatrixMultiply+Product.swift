/// One product C = A · B in memory, and the blocked loops over a rectangle of C.
@unsafe struct MatrixProduct {
    let m: Int
    let n: Int
    let k: Int

    /// A; its lanes are rows.
    let left: Panel

    /// B; its lanes are columns.
    let right: Panel

    /// C, [m, n].
    let result: UnsafeMutablePointer<Float>
    let accumulates: Bool

    /// What becomes of complete elements; of the one product of a batch only.
    let ending: ProductEnding

    // A panel of B, 256 × 32 floats, is 32 KiB: the first-level cache. A block of A, 192 × 256, is 192 KiB and a block
    // of B, 256 × 1024, is 1 MiB: the second level and a share of the third.
    static let depthBlock = 256
    private static let rowBlock = 192
    private static let columnBlock = 1024

    /// The same product of the `index`th matrices of a batch.
    func entry(_ index: Int) -> MatrixProduct {
        unsafe MatrixProduct(
            m: m, n: n, k: k, left: left.advanced(by: index * m * k), right: right.advanced(by: index * k * n),
            result: result + index * m * n, accumulates: accumulates, ending: ending)
    }

    /// Computes the elements of C in `rows` and `columns`.
    func compute(rows: Range<Int>, columns: Range<Int>, pool: ThreadPool) {
        guard !rows.isEmpty, !columns.isEmpty else { return }
        guard unsafe k > 0 else {
            unsafe clear(rows: rows, columns: columns)
            return unsafe ending.finish(result, n: n, rows: rows, columns: columns)
        }

        // Equal blocks, because a short one at the end costs as much reading and writing of C as a full one.
        let depthBlocks = unsafe (k + Self.depthBlock - 1) / Self.depthBlock
        let depthStep = unsafe (k + depthBlocks - 1) / depthBlocks
        let leftSize = unsafe Panels.space(
            for: min(rows.count, Self.rowBlock), width: Tile.rows, depth: depthStep,
            inPlace: readsLeftInPlace(rows: rows.count, columns: columns.count, depth: depthStep))
        let rightSize = unsafe Panels.space(
            for: min(columns.count, Self.columnBlock), width: Tile.columns, depth: depthStep,
            inPlace: readsRightInPlace(rows: rows.count, columns: columns.count))
        pool.withScratch(leftSize + rightSize) { scratch in
            unsafe scratch.withAddress { scratch in
                unsafe compute(
                    rows: rows, columns: columns, depthStep: depthStep, leftScratch: scratch + rightSize,
                    rightScratch: scratch)
            }
        }
    }

    private func compute(
        rows: Range<Int>, columns: Range<Int>, depthStep: Int,
        leftScratch: UnsafeMutablePointer<Float>, rightScratch: UnsafeMutablePointer<Float>
    ) {
        let leftInPlace = unsafe readsLeftInPlace(
            rows: rows.count, columns: columns.count, depth: depthStep)
        let rightInPlace = unsafe readsRightInPlace(rows: rows.count, columns: columns.count)
        for column in unsafe stride(from: columns.lowerBound, to: columns.upperBound, by: Self.columnBlock) {
            for depth in unsafe stride(from: 0, to: k, by: depthStep) {
                let depthCount = unsafe min(depthStep, k - depth)
                let rightPanels = unsafe Panels(
                    of: right.at(lane: column, depth: depth), width: Tile.columns,
                    lanes: min(Self.columnBlock, columns.upperBound - column), depth: depthCount,
                    inPlace: rightInPlace, scratch: rightScratch)
                for row in unsafe stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowBlock) {
                    let leftPanels = unsafe Panels(
                        of: left.at(lane: row, depth: depth), width: Tile.rows,
                        lanes: min(Self.rowBlock, rows.upperBound - row), depth: depthCount,
                        inPlace: leftInPlace, scratch: leftScratch)
                    unsafe multiply(
                        leftPanels, rightPanels, row: row, column: column, accumulate: accumulates || depth > 0,
                        isLast: depth + depthCount == k)
                }
            }
        }
    }

    /// One block of A with one block of B, tile by tile: a panel of B stays in the first-level cache for all of A's.
    ///
    /// After the last depth a tile of C is finished at once: it is still in the first-level cache.
    private func multiply(
        _ leftPanels: Panels, _ rightPanels: Panels, row firstRow: Int, column firstColumn: Int, accumulate: Bool,
        isLast: Bool
    ) {
        for panel in unsafe 0..<rightPanels.count {
            let right = unsafe rightPanels[panel]
            let column = firstColumn + panel * Tile.columns
            let columns = unsafe column..<column + rightPanels.lanes(of: panel)
            for index in unsafe 0..<leftPanels.count {
                let row = firstRow + index * Tile.rows
                let rows = unsafe row..<row + leftPanels.lanes(of: index)
                if isLast { unsafe ending.prefetch(n: n, rows: rows, columns: columns) }
                unsafe Tile.multiply(
                    leftPanels[index], right, depth: leftPanels.depth, rows: rows.count, columns: columns.count,
                    into: result + row * n + column, stride: n, accumulate: accumulate)
                if isLast { unsafe ending.finish(result, n: n, rows: rows, columns: columns) }
            }
        }
    }

    private func clear(rows: Range<Int>, columns: Range<Int>) {
        guard unsafe !accumulates else { return }
        for row in rows {
            unsafe (result + row * n + columns.lowerBound).update(repeating: 0, count: columns.count)
        }
    }
}

// Packing pays by better use of caches, and costs a read and a write of each element: a matrix that is small, or of which
// each panel is used only a few times, is read where it is.
extension MatrixProduct {
    // 2^17 floats are 512 KiB, half of the second-level cache.
    private static let smallMatrix = 1 << 17

    private func readsLeftInPlace(rows: Int, columns: Int, depth: Int) -> Bool {
        if columns <= 4 * Tile.columns { return true }
        // Whole rows side by side are as good as a packed panel.
        if unsafe left.laneStride == depth { return true }
        // Rows that lie a multiple of 4 KiB apart fall on one set of the first-level cache, which has 8 ways for 12.
        return unsafe rows * k <= Self.smallMatrix && left.laneStride % 1024 != 0
    }

    private func readsRightInPlace(rows: Int, columns: Int) -> Bool {
        guard unsafe right.laneStride == 1 else { return false }
        return unsafe rows <= 2 * Tile.rows || k * columns <= Self.smallMatrix
    }
}
