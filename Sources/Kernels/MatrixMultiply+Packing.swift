import CProcessor

// Packing works on groups of four lanes.

/// The levels packed at a time. The lines of as many rows may fall on one set of the first-level cache, which has 8 ways.
@inline(__always)
private var packedLevels: Int { 8 }

/// Writes `lanes` lanes of `source` as panels of `width` lanes, each [depth, width] and padded with zeros.
func packPanels(_ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>) {
    // Of lanes side by side a few levels of all panels at a time: the rows of the matrix, often pages apart, are read from
    // end to end, each cache line once.
    let step = unsafe source.laneStride == 1 ? packedLevels : depth
    for level in stride(from: 0, to: depth, by: step) {
        for lane in stride(from: 0, to: lanes, by: width) {
            unsafe pack(
                source.at(lane: lane, depth: level), lanes: min(width, lanes - lane), width: width,
                depth: min(step, depth - level), into: packed + lane * depth + level * width)
        }
    }
}

/// Writes `lanes` lanes of `source` as [depth, width], padded with zeros.
@inline(__always)
func pack(_ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>) {
    unsafe packLanes(source, lanes: lanes, width: width, depth: depth, into: packed)
    guard lanes < width else { return }
    for level in 0..<depth {
        let rest = unsafe packed + (level * width + lanes)
        forEachLanes(of: width - lanes) { lane, width in unsafe Lanes.zero.store(to: rest + lane, width: width) }
    }
}

/// Writes `lanes` lanes of `source` to the first columns of [depth, width].
@inline(__always)
func packLanes(_ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>) {
    unsafe packFours(source, lanes: lanes / 4 * 4, width: width, depth: depth, into: packed)
    if lanes % 4 != 0 { unsafe packRest(source, lanes: lanes, width: width, depth: depth, into: packed) }
}

/// Writes whole groups of four lanes.
private func packFours(_ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>) {
    if unsafe source.laneStride == 1 {
        unsafe copyLanes(source, lanes: lanes, width: width, depth: depth, into: packed)
    } else {
        unsafe transposeLanes(source, lanes: lanes, width: width, depth: depth, into: packed)
    }
}

/// Writes the up to three lanes that are left over: the last four once more, or all there are.
private func packRest(_ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>) {
    guard lanes < 4 else {
        return unsafe packFours(
            source.at(lane: lanes - 4, depth: 0), lanes: 4, width: width, depth: depth, into: packed + (lanes - 4))
    }
    for level in 0..<depth {
        let (from, to) = unsafe (source.address + level * source.depthStride, packed + level * width)
        for lane in 0..<lanes { unsafe to[lane] = from[lane * source.laneStride] }
    }
}

/// The lanes already lie side by side.
@inline(__always)
private func copyLanes(
    _ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>
) {
    // Whole panels of the two widths there are have copies of constant length, the wider one by wider vectors.
    if lanes == Tile.columns && width == Tile.columns {
        unsafe copyLevels(
            by: SIMD8<Float>.self, source, lanes: Tile.columns, width: Tile.columns, depth, into: packed)
    } else if lanes == Tile.rows && width == Tile.rows {
        unsafe copyLevels(by: SIMD4<Float>.self, source, lanes: Tile.rows, width: Tile.rows, depth, into: packed)
    } else {
        unsafe copyLevels(by: SIMD4<Float>.self, source, lanes: lanes, width: width, depth, into: packed)
    }
}

/// Copies `V.scalarCount` lanes at a time.
@inline(__always)
private func copyLevels<V: FloatVector>(
    by vector: V.Type, _ source: Panel, lanes: Int, width: Int, _ depth: Int, into packed: UnsafeMutablePointer<Float>
) {
    var (from, to) = unsafe (source.address, packed)
    let ahead = unsafe packedLevels &* source.depthStride
    for _ in 0..<depth {
        // The same lanes of the next few levels: rows are short, and the processor does not guess where the next begins.
        unsafe lockstep_prefetch_for_reading(from + ahead)
        if lanes > 16 { unsafe lockstep_prefetch_for_reading(from + ahead + 16) }
        var lane = 0
        while lane < lanes {
            unsafe V.load(from + lane).store(to + lane)
            lane &+= V.scalarCount
        }
        unsafe from += source.depthStride
        unsafe to += width
    }
}

/// The lanes lie apart, each along the depth.
@inline(__always)
private func transposeLanes(
    _ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>
) {
    let (laneStride, fourLevels) = unsafe (source.laneStride, 4 &* width)
    // 128 levels of a panel are 16 KiB, half of the first-level cache; of each lane they are 8 lines side by side.
    for start in stride(from: 0, to: depth, by: 128) {
        let count = min(128, depth - start)
        for lane in stride(from: 0, to: lanes, by: 4) {
            var from = unsafe source.at(lane: lane, depth: start).address
            var to = unsafe packed + (start * width + lane)
            for level in 0..<count / 4 {
                // A line of each of the next four lanes: a matrix's rows are not guessed by the processor.
                if level % 4 == 0 {
                    for row in 4..<8 { unsafe lockstep_prefetch_for_reading(from + row &* laneStride) }
                }
                unsafe transpose4x4(from, laneStride, to: to, width)
                unsafe from += 4
                unsafe to += fourLevels
            }
            for _ in 0..<count % 4 {
                for row in 0..<4 { unsafe to[row] = from[row &* laneStride] }
                unsafe from += 1
                unsafe to += width
            }
        }
    }
}

@inline(__always)
private func transpose4x4(
    _ from: UnsafePointer<Float>, _ fromStride: Int, to: UnsafeMutablePointer<Float>, _ toStride: Int
) {
    let row0 = unsafe SIMD4.load(from)
    let row1 = unsafe SIMD4.load(from + fromStride)
    let row2 = unsafe SIMD4.load(from + 2 * fromStride)
    let row3 = unsafe SIMD4.load(from + 3 * fromStride)
    unsafe SIMD4(row0[0], row1[0], row2[0], row3[0]).store(to)
    unsafe SIMD4(row0[1], row1[1], row2[1], row3[1]).store(to + toStride)
    unsafe SIMD4(row0[2], row1[2], row2[2], row3[2]).store(to + 2 * toStride)
    unsafe SIMD4(row0[3], row1[3], row2[3], row3[3]).store(to + 3 * toStride)
}
