import CProcessor
import Glibc

/// The products of one head of attention, tile by tile below the diagonal, and the copies that they read.
///
/// A head's rows lie three widths apart in the projections, often a multiple of 4 KiB: copied, they lie side by side.
struct AttentionTiles {
    let geometry: AttentionGeometry

    /// 1 / √size.
    let scale: Float

    /// The distance between copied rows: whole tiles, because a tile reads its full width.
    let rowStride: Int

    /// The distance between rows of scores. One vector more than whole tiles: a power of two would put all rows of a tile
    /// on one set of the first-level cache.
    let scoreStride: Int

    private let columnPanels: Int

    init(_ geometry: AttentionGeometry) {
        self.geometry = geometry
        scale = 1 / Float(max(geometry.size, 1)).squareRoot()
        rowStride = Tile.padded(geometry.size, to: Tile.columns)
        let length = Tile.padded(geometry.length, to: max(Tile.columns, Lanes.scalarCount))
        columnPanels = length / Tile.columns
        scoreStride = length + Lanes.scalarCount
    }

    /// The floats of a copy of a head's rows; whole tiles of them.
    var rowsCount: Int { Tile.padded(geometry.length, to: Tile.rows) * rowStride }

    /// The floats of a copy of a head's rows as columns.
    var panelsCount: Int { columnPanels * geometry.size * Tile.columns }

    /// The floats for the dropout of one row.
    var factorsCount: Int { DropoutFactors.space(for: scoreStride) }

    /// The rows of a tile that begins at row `first`.
    @inline(__always)
    func rows(from first: Int) -> Int { min(Tile.rows, geometry.length - first) }

    /// The keys that the queries of a tile see, in whole lanes.
    @inline(__always)
    func paddedKeys(_ first: Int) -> Int { Tile.padded(first + rows(from: first), to: Lanes.scalarCount) }

    /// Copies the rows of a head, padded with zeros.
    func copyRows(of source: UnsafePointer<Float>, stride: Int, into copy: UnsafeMutablePointer<Float>) {
        let size = geometry.size
        for row in 0..<geometry.length {
            let (from, to) = unsafe (source + row * stride, copy + row * rowStride)
            forEachLanes(of: size) { j, width in
                // Rows far apart are not guessed by the processor: asked for 12 rows before, about 100 cycles.
                unsafe lockstep_prefetch_for_reading(from + 12 * stride + j)
                unsafe Lanes(at: from + j, width: width).store(to: to + j, width: width)
            }
            if rowStride > size { unsafe (to + size).update(repeating: 0, count: rowStride - size) }
        }
        let used = geometry.length * rowStride
        unsafe (copy + used).update(repeating: 0, count: rowsCount - used)
    }

    /// Copies the rows of a head as the columns of panels, [panels, size, columns of a tile].
    func packColumns(of source: UnsafePointer<Float>, stride: Int, into panels: UnsafeMutablePointer<Float>) {
        for panel in 0..<columnPanels {
            let first = panel * Tile.columns
            unsafe pack(
                Panel(address: source + first * stride, laneStride: stride, depthStride: 1),
                lanes: max(0, min(Tile.columns, geometry.length - first)), width: Tile.columns, depth: geometry.size,
                into: panels + first * geometry.size)
        }
    }

    /// Writes the products of the copied rows from `first` on with all columns that they see.
    func multiply(
        _ rows: UnsafePointer<Float>, panels: UnsafePointer<Float>, first: Int, into scores: UnsafeMutablePointer<Float>
    ) {
        let keys = paddedKeys(first)
        let left = unsafe Panel(address: rows + first * rowStride, laneStride: rowStride, depthStride: 1)
        for column in stride(from: 0, to: keys, by: Tile.columns) {
            let right = unsafe Panel(
                address: panels + column * geometry.size, laneStride: 1, depthStride: Tile.columns)
            // Half a tile where the diagonal is near: it takes half the time.
            unsafe Tile.multiply(
                left, right, depth: geometry.size, rows: Tile.rows, columns: min(Tile.columns, keys - column),
                into: scores + column, stride: scoreStride, accumulate: false)
        }
    }

    /// Multiplies `left`, up to 12 lanes, with the first `depth` copied rows at `right`.
    @inline(__always)
    func multiply(
        _ left: Panel, _ right: UnsafePointer<Float>, depth: Int, rows: Int,
        into result: UnsafeMutablePointer<Float>, stride resultStride: Int, accumulate: Bool = false
    ) {
        for column in stride(from: 0, to: geometry.size, by: Tile.columns) {
            unsafe Tile.multiply(
                left, Panel(address: right + column, laneStride: 1, depthStride: rowStride), depth: depth,
                rows: rows, columns: min(Tile.columns, geometry.size - column), into: result + column,
                stride: resultStride, accumulate: accumulate)
        }
    }
}

/// Where one head of one sequence begins in each array.
struct HeadPlace {
    private let geometry: AttentionGeometry
    private let sequence: Int
    private let head: Int

    init(_ index: Int, geometry: AttentionGeometry) {
        self.geometry = geometry
        (sequence, head) = (index / geometry.heads, index % geometry.heads)
    }

    /// In the projections.
    var queries: Int { sequence * geometry.length * 3 * geometry.width + head * 3 * geometry.size }
    var keys: Int { queries + geometry.size }
    var values: Int { keys + geometry.size }

    /// In the output.
    var output: Int { sequence * geometry.length * geometry.width + head * geometry.size }

    /// In the logarithms.
    var rows: Int { (sequence * geometry.heads + head) * geometry.length }

    func mask(of dropout: AttentionDropout) -> DropoutMask {
        dropout.mask(sequence: sequence, head: head, length: geometry.length)
    }
}

/// Sets the scores of the keys after `query` to −∞, up to `padded`.
@inline(__always)
func hideLater(_ row: UnsafeMutablePointer<Float>, query: Int, padded: Int) {
    for start in stride(from: query & ~(Lanes.scalarCount - 1), to: padded, by: Lanes.scalarCount) {
        let last = Lanes(repeating: Float(query - start))
        let scores = unsafe Lanes(at: row + start)
        unsafe scores.choosing(Lanes(repeating: -.infinity), whereNegative: last - laneNumbers).store(to: row + start)
    }
}

/// 0, 1, 2 … 15.
@inline(__always)
private var laneNumbers: Lanes { Lanes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }

/// The natural logarithm of one number.
@inline(__always)
func logarithm(of x: Float) -> Float { log(x) }
