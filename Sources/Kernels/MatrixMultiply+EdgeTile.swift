/// A tile at an edge of C, with as many rows and columns as are left over there: up to 12 by 32.
///
/// Nothing behind them is read or written, so no panel needs to be padded. The sums are those of ``Tile``, in the same
/// order.
@unsafe struct EdgeTile {
    let left: Panel
    let right: Panel
    let depth: Int
    let columns: Int
    let result: UnsafeMutablePointer<Float>
    let stride: Int
    let accumulate: Bool

    /// Writes the product of two panels to C, or adds it.
    func multiply(rows: Int) {
        switch rows {
        case 1: unsafe EdgeRows<1>.multiply(self)
        case 2: unsafe EdgeRows<2>.multiply(self)
        case 3: unsafe EdgeRows<3>.multiply(self)
        case 4: unsafe EdgeRows<4>.multiply(self)
        case 5: unsafe EdgeRows<5>.multiply(self)
        case 6: unsafe EdgeRows<6>.multiply(self)
        case 7: unsafe EdgeRows<7>.multiply(self)
        case 8: unsafe EdgeRows<8>.multiply(self)
        case 9: unsafe EdgeRows<9>.multiply(self)
        case 10: unsafe EdgeRows<10>.multiply(self)
        case 11: unsafe EdgeRows<11>.multiply(self)
        default: unsafe EdgeRows<12>.multiply(self)
        }
    }
}

/// The loops over the depth for a number of rows, which is constant so that each sum stays in a register.
private enum EdgeRows<let count: Int> {
    static func multiply(_ tile: EdgeTile) {
        // With the stride a constant, the addresses of a packed panel are constants too.
        if unsafe tile.left.laneStride == 1 {
            unsafe multiply(tile, laneStride: 1)
        } else {
            unsafe multiply(tile, laneStride: tile.left.laneStride)
        }
    }

    @inline(__always)
    private static func multiply(_ tile: EdgeTile, laneStride: Int) {
        if unsafe tile.columns > Lanes.scalarCount {
            unsafe multiplyTwo(tile, laneStride: laneStride)
        } else {
            unsafe multiplyOne(tile, laneStride: laneStride)
        }
    }

    /// Up to 16 columns: one vector.
    @inline(__always)
    private static func multiplyOne(_ tile: EdgeTile, laneStride: Int) {
        var sums = InlineArray<count, Lanes>(repeating: .zero)
        var (left, right) = unsafe (tile.left.address, tile.right.address)
        for _ in unsafe 0..<tile.depth {
            let columns = unsafe Lanes(atFirst: tile.columns, of: right)
            for row in 0..<count {
                unsafe sums[unchecked: row] = sums[unchecked: row].plus(left[row &* laneStride], times: columns)
            }
            unsafe left += tile.left.depthStride
            unsafe right += tile.right.depthStride
        }
        unsafe write(sums, of: tile, to: tile.result, columns: tile.columns)
    }

    /// 17 columns and more: a vector and what is left. (Half a vector for up to 24 columns was measured slower.)
    @inline(__always)
    private static func multiplyTwo(_ tile: EdgeTile, laneStride: Int) {
        var first = InlineArray<count, Lanes>(repeating: .zero)
        var second = first
        var (left, right) = unsafe (tile.left.address, tile.right.address)
        let rest = unsafe tile.columns - Lanes.scalarCount
        for _ in unsafe 0..<tile.depth {
            let columns = unsafe (Lanes(at: right), Lanes(atFirst: rest, of: right + Lanes.scalarCount))
            for row in 0..<count {
                let factor = unsafe left[row &* laneStride]
                unsafe first[unchecked: row] = first[unchecked: row].plus(factor, times: columns.0)
                unsafe second[unchecked: row] = second[unchecked: row].plus(factor, times: columns.1)
            }
            unsafe left += tile.left.depthStride
            unsafe right += tile.right.depthStride
        }
        unsafe write(first, of: tile, to: tile.result, columns: Lanes.scalarCount)
        unsafe write(second, of: tile, to: tile.result + Lanes.scalarCount, columns: rest)
    }

    /// Writes one vector of each row to C, or adds it.
    @inline(__always)
    private static func write(
        _ sums: InlineArray<count, Lanes>, of tile: EdgeTile, to result: UnsafeMutablePointer<Float>, columns: Int
    ) {
        guard unsafe tile.accumulate else {
            for row in 0..<count {
                unsafe sums[unchecked: row].store(toFirst: columns, of: result + row &* tile.stride)
            }
            return
        }
        for row in 0..<count {
            let target = unsafe result + row &* tile.stride
            let total = unsafe Lanes(atFirst: columns, of: target) + sums[unchecked: row]
            unsafe total.store(toFirst: columns, of: target)
        }
    }
}
