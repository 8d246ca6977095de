/// A small product with Bᵀ in memory and few rows of A, computed as Cᵀ = B · Aᵀ.
///
/// Then A is the matrix to be packed, not the larger B. Each element is the same chain of multiply-adds along k.
@unsafe struct FlippedProduct {
    let m: Int
    let n: Int
    let k: Int

    /// A, [m, k].
    let left: UnsafePointer<Float>

    /// Bᵀ, [n, k].
    let right: UnsafePointer<Float>

    /// C, [m, n].
    let result: UnsafeMutablePointer<Float>
    let ending: ProductEnding

    /// Whether this is the faster way: A fills half a panel at least, and the whole is not worth a second thread.
    static func isFaster(m: Int, n: Int, k: Int) -> Bool {
        unsafe Tile.hasMasks && (Tile.columns / 2...Tile.columns).contains(m)
            && (1...MatrixProduct.depthBlock).contains(k)
            && m * n * k <= 1 << 20
    }

    func compute(pool: ThreadPool) {
        unsafe pool.withScratch((k + Tile.rows) * Tile.columns) { scratch in
            unsafe scratch.withAddress { scratch in
                let (panel, tile) = unsafe (scratch, scratch + k * Tile.columns)
                unsafe packPanels(
                    Panel(address: left, laneStride: k, depthStride: 1), lanes: m, width: Tile.columns, depth: k,
                    into: panel)
                for first in unsafe stride(from: 0, to: n, by: Tile.rows) {
                    unsafe compute(
                        columns: first..<min(first + Tile.rows, n),
                        with: Panel(address: panel, laneStride: 1, depthStride: Tile.columns), aside: tile)
                }
            }
        }
    }

    /// Computes up to 12 columns of C as rows of a tile, and writes them transposed.
    private func compute(columns: Range<Int>, with panel: Panel, aside tile: UnsafeMutablePointer<Float>) {
        let first = columns.lowerBound
        unsafe ending.prefetch(n: n, rows: 0..<m, columns: columns)
        unsafe Tile.multiply(
            Panel(address: right + first * k, laneStride: k, depthStride: 1), panel, depth: k, rows: columns.count,
            columns: m, into: tile, stride: Tile.columns, accumulate: false)
        unsafe packLanes(
            Panel(address: tile, laneStride: Tile.columns, depthStride: 1), lanes: columns.count, width: n, depth: m,
            into: result + first)
        unsafe ending.finish(result, n: n, rows: 0..<m, columns: columns)
    }
}
