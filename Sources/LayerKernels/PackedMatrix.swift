public import Kernels
import Memory

/// A matrix B, [k, n], that is packed once and multiplied by many narrow ones from the left, as the weight of a recurrent layer is
/// at each of its time steps.
///
/// A product that packs B itself spends more time on that than on sums when A has few rows. The bits are those of
/// `matrixMultiply`.
public struct PackedMatrix: Sendable, Hashable {
    /// The number of rows of B.
    public let k: Int

    /// The number of its columns.
    public let n: Int

    /// Describes a matrix.
    public init(k: Int, n: Int) {
        insist(k >= 0 && n >= 0, "a matrix cannot have \(k) rows and \(n) columns")
        self.k = k
        self.n = n
    }

    /// The number of elements of the packed matrix.
    public var packedCount: Int { panels * tileColumns * k }

    private var panels: Int { (n + tileColumns - 1) / tileColumns }

    /// The depth that is summed at a time.
    private var depthStep: Int {
        let blocks = (k + tileDepth - 1) / tileDepth
        return blocks == 0 ? 1 : (k + blocks - 1) / blocks
    }

    /// Packs B, or with `transposed` a matrix [n, k] whose transpose B is.
    public func pack(_ b: Span<Float>, transposed: Bool = false, into packed: inout MutableSpan<Float>) {
        require(b.count, of: "B", is: k * n)
        require(packed.count, of: "the packed matrix", is: packedCount)
        unsafe b.withAddress { b in
            unsafe packed.withAddress { packed in
                for depth in stride(from: 0, to: k, by: depthStep) {
                    unsafe packTilePanels(
                        b + depth * (transposed ? 1 : n), laneStride: transposed ? k : 1,
                        depthStride: transposed ? 1 : n, lanes: n, depth: min(depthStep, k - depth),
                        into: packed + depth * panels * tileColumns)
                }
            }
        }
    }

    /// C = A · B, or C + A · B with `accumulate`: A is [m, k], C is [m, n]. The columns are spread over the pool.
    public func multiply(
        _ a: Span<Float>, _ packed: Span<Float>, into c: inout MutableSpan<Float>, m: Int, accumulate: Bool = false,
        pool: ThreadPool
    ) {
        require(a.count, of: "A", is: m * k)
        require(packed.count, of: "the packed matrix", is: packedCount)
        require(c.count, of: "C", is: m * n)
        if k == 0 && !accumulate { fill(&c, with: 0) }
        let rest = m % tileRows
        let restCount = rest > 0 && tileReadsBeyond(rows: rest) ? tileRows * k : 0
        pool.withScratch(restCount) { padded in
            unsafe withAddresses(a, packed) { a, packed in
                unsafe withTargets(&padded, &c) { padded, c in
                    // Behind A there may be no memory: its last rows are followed by others of zeros.
                    if restCount > 0 {
                        unsafe padded.update(from: a + (m - rest) * k, count: rest * k)
                        unsafe (padded + rest * k).update(repeating: 0, count: restCount - rest * k)
                    }
                    let work = unsafe Work(
                        matrix: self, a: a, lastRows: restCount > 0 ? UnsafePointer(padded) : a + (m - rest) * k,
                        packed: packed, c: c, m: m, accumulate: accumulate)
                    unsafe pool.forEachChunk(of: panels, grain: m * k, with: work) { work, panels in
                        for panel in panels { unsafe work.run(panel) }
                    }
                }
            }
        }
    }

    /// What every thread needs to know.
    @unsafe private struct Work {
        let matrix: PackedMatrix
        let a: UnsafePointer<Float>

        /// Where the rows are that fill no tile.
        let lastRows: UnsafePointer<Float>
        let packed: UnsafePointer<Float>
        let c: UnsafeMutablePointer<Float>
        let m: Int
        let accumulate: Bool

        func run(_ panel: Int) {
            let (k, n, panels, step) = unsafe (matrix.k, matrix.n, matrix.panels, matrix.depthStep)
            let column = panel * tileColumns
            for depth in stride(from: 0, to: k, by: step) {
                let count = min(step, k - depth)
                let right = unsafe packed + (depth * panels * tileColumns + column * count)
                for row in unsafe stride(from: 0, to: m, by: tileRows) {
                    let rows = unsafe min(tileRows, m - row)
                    let left = unsafe rows < tileRows ? lastRows : a + row * k
                    unsafe multiplyTile(
                        left + depth, laneStride: k, right, depth: count, rows: rows,
                        columns: min(tileColumns, n - column), into: c + (row * n + column), stride: n,
                        accumulate: accumulate || depth > 0)
                }
            }
        }
    }
}
