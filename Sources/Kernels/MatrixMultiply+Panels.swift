/// Lanes of a matrix side by side (rows of A, columns of B), each running along the depth k.
@unsafe struct Panel {
    let address: UnsafePointer<Float>

    /// The distance from one lane to the next.
    let laneStride: Int

    /// The distance from one element of a lane to its next.
    let depthStride: Int

    /// The panel that begins at another element of the same matrix.
    @inline(__always)
    func at(lane: Int, depth: Int) -> Panel {
        unsafe advanced(by: lane * laneStride + depth * depthStride)
    }

    @inline(__always)
    func advanced(by distance: Int) -> Panel {
        unsafe Panel(address: address + distance, laneStride: laneStride, depthStride: depthStride)
    }
}

/// A block of a matrix, cut into panels of one tile's width.
///
/// A packed panel is [depth, width], padded with zeros. Whole panels may stay where they are, and partial ones where there
/// are tiles as narrow; else these are packed, because a tile reads its full width.
@unsafe struct Panels {
    /// The number of panels, the partial one at the end among them.
    let count: Int
    let depth: Int

    /// The lanes of all panels.
    let totalLanes: Int

    private let source: Panel
    private let width: Int
    private let scratch: UnsafeMutablePointer<Float>
    private let firstPacked: Int

    /// The floats that panels of at most `lanes` lanes need as scratch.
    @inline(__always)
    static func space(for lanes: Int, width: Int, depth: Int, inPlace: Bool) -> Int {
        inPlace && Tile.hasMasks ? 0 : Tile.padded(lanes, to: width) * depth
    }

    /// Packs `lanes` lanes of `source` into `scratch`, all or, if they are used `inPlace`, only what is left over.
    @inline(__always)
    init(
        of source: Panel, width: Int, lanes: Int, depth: Int, inPlace: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
        unsafe self.source = unsafe source
        unsafe self.width = width
        unsafe totalLanes = lanes
        unsafe self.depth = depth
        unsafe self.scratch = unsafe scratch
        unsafe count = (lanes + width - 1) / width
        // A whole half tile (6 rows) can be read in place as well.
        let rest = lanes % width
        let readsRest = Tile.hasMasks || rest == Tile.halfRows && width == Tile.rows
        unsafe firstPacked = !inPlace ? 0 : readsRest ? count : lanes / width
        let firstLane = unsafe firstPacked * width
        guard firstLane < lanes else { return }
        unsafe packPanels(
            source.at(lane: firstLane, depth: 0), lanes: lanes - firstLane, width: width, depth: depth, into: scratch)
    }

    /// The number of lanes of a panel that are the matrix's own.
    @inline(__always)
    func lanes(of index: Int) -> Int {
        unsafe min(width, totalLanes - index * width)
    }

    @inline(__always)
    subscript(index: Int) -> Panel {
        guard unsafe index >= firstPacked else { return unsafe source.at(lane: index * width, depth: 0) }
        return unsafe Panel(
            address: UnsafePointer(scratch + (index - firstPacked) * width * depth), laneStride: 1, depthStride: width)
    }
}

// The way to tiles from other modules.
package var tileRows: Int { Tile.rows }
package var tileColumns: Int { Tile.columns }
package var tileDepth: Int { ProductConvolution.depthBlock }

/// Whether a tile of so many rows of A reads more of them: without masks it sums 6 or 12.
package func tileReadsBeyond(rows: Int) -> Bool { !Tile.hasMasks && rows != Tile.rows && rows != Tile.halfRows }

package func packTilePanels(
    _ source: UnsafePointer<Float>, laneStride: Int, depthStride: Int, lanes: Int, depth: Int,
    into packed: UnsafeMutablePointer<Float>
) {
    unsafe packPanels(
        Panel(address: source, laneStride: laneStride, depthStride: depthStride), lanes: lanes, width: Tile.columns,
        depth: depth, into: packed)
}

package func multiplyTile(
    _ left: UnsafePointer<Float>, laneStride: Int, _ right: UnsafePointer<Float>, depth: Int, rows: Int, columns: Int,
    into result: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
) {
    unsafe Tile.multiply(
        Panel(address: left, laneStride: laneStride, depthStride: 1),
        Panel(address: right, laneStride: 1, depthStride: Tile.columns), depth: depth, rows: rows, columns: columns,
        into: result, stride: stride, accumulate: accumulate)
}
