import Memory

/// C = op(A) · op(B), or C + op(A) · op(B) with `accumulate`; row-major, any sizes.
///
/// - `a`: A, [m, k]; [k, m] with `transposeA`, where op(A) is its transpose.
/// - `b`: B, [k, n]; [n, k] with `transposeB`.
/// - `c`: C, [m, n].
///
/// Every element is summed in one order, which depends on k alone: the result has the same bits for any number of
/// threads. The method is that of Goto and van de Geijn (2008) and of BLIS: blocks that fit the caches, packed into the
/// order in which the innermost loop reads them.
public func matrixMultiply(
    _ a: Span<Float>, _ b: Span<Float>, into c: inout MutableSpan<Float>,
    m: Int, n: Int, k: Int,
    transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false,
    pool: ThreadPool
) {
    batchedMatrixMultiply(
        a, b, into: &c, batch: 1, m: m, n: n, k: k,
        transposeA: transposeA, transposeB: transposeB, accumulate: accumulate, pool: pool)
}

/// The product of each of `batch` matrices of `a` with its counterpart of `b`.
///
/// `a`, `b` and `c` hold the matrices one after the other, each as
/// ``matrixMultiply(_:_:into:m:n:k:transposeA:transposeB:accumulate:pool:)`` has them.
public func batchedMatrixMultiply(
    _ a: Span<Float>, _ b: Span<Float>, into c: inout MutableSpan<Float>,
    batch: Int, m: Int, n: Int, k: Int,
    transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false,
    pool: ThreadPool
) {
    unsafe multiply(
        a, b, into: &c, batch: batch, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
        accumulate: accumulate, ending: .none, pool: pool)
}

/// The door of all products.
func multiply(
    _ a: Span<Float>, _ b: Span<Float>, into c: inout MutableSpan<Float>, batch: Int = 1, m: Int, n: Int, k: Int,
    transposeA: Bool, transposeB: Bool, accumulate: Bool = false, ending: ProductEnding, pool: ThreadPool
) {
    insist(
        min(batch, m, n, k) >= 0, "a product of \(batch) matrices cannot have the sizes m \(m), n \(n), k \(k)")
    require(a.count, of: "A", is: batch * m * k)
    require(b.count, of: "B", is: batch * k * n)
    require(c.count, of: "C", is: batch * m * n)
    unsafe withAddresses(a, b) { a, b in
        unsafe c.withAddress { c in
            if transposeB, !transposeA, !accumulate, batch == 1, unsafe FlippedProduct.isFaster(m: m, n: n, k: k) {
                let product = unsafe FlippedProduct(m: m, n: n, k: k, left: a, right: b, result: c, ending: ending)
                return unsafe product.compute(pool: pool)
            }
            let product = unsafe MatrixProduct(
                m: m, n: n, k: k,
                left: transposeA
                    ? Panel(address: a, laneStride: 1, depthStride: m)
                    : Panel(address: a, laneStride: k, depthStride: 1),
                right: transposeB
                    ? Panel(address: b, laneStride: k, depthStride: 1)
                    : Panel(address: b, laneStride: 1, depthStride: n),
                result: c, accumulates: accumulate, ending: ending)
            unsafe MatrixDivision(of: product, batch: batch, pool: pool).run()
        }
    }
}

/// How the products of a batch are divided among threads: a grid of rectangles of each C, never along k.
@unsafe private struct MatrixDivision {
    private let product: MatrixProduct
    private let batch: Int
    private let pool: ThreadPool
    private let gridRows: Int
    private let gridColumns: Int

    // 2^20 multiply-adds take about 20 µs: less is not worth waking a thread for.
    private static let smallestShare = 1 << 20

    init(of product: MatrixProduct, batch: Int, pool: ThreadPool) {
        unsafe self.product = unsafe product
        unsafe self.batch = batch
        unsafe self.pool = pool
        let (m, n, k) = unsafe (product.m, product.n, product.k)
        let wanted = batch == 0 ? 1 : (pool.threads + batch - 1) / batch
        let parts = unsafe max(1, min(wanted, m * n * k / Self.smallestShare))

        // Each rectangle packs its own rows of A and columns of B: the best grid packs least.
        let divisors = (1...parts).lazy.filter { parts % $0 == 0 }
        let best = divisors.min { n * $0 + m * (parts / $0) < n * $1 + m * (parts / $1) } ?? 1
        unsafe gridRows = best
        unsafe gridColumns = parts / best
    }

    func run() {
        // Of a small product the division below would be a good part.
        if unsafe batch * gridRows * gridColumns == 1 {
            return unsafe product.compute(rows: 0..<product.m, columns: 0..<product.n, pool: pool)
        }
        unsafe pool.forEach(batch * gridRows * gridColumns, with: self) { division, index in
            unsafe division.run(index)
        }
    }

    private func run(_ index: Int) {
        let parts = unsafe gridRows * gridColumns
        let (entry, part) = (index / parts, index % parts)
        let rows = unsafe share(part / gridColumns, of: gridRows, length: product.m, unit: Tile.rows)
        let columns = unsafe share(part % gridColumns, of: gridColumns, length: product.n, unit: Tile.columns)
        unsafe product.entry(entry).compute(rows: rows, columns: columns, pool: pool)
    }

    /// Part `part` of `parts` of `0..<length`, cut at multiples of `unit`.
    private func share(_ part: Int, of parts: Int, length: Int, unit: Int) -> Range<Int> {
        let units = (length + unit - 1) / unit
        return min(length, units * part / parts * unit)..<min(length, units * (part + 1) / parts * unit)
    }
}
