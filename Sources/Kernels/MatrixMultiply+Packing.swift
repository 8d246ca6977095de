import CProcessor

// Packing works on groups of four lanes: every panel's width is a multiple of four.

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
    let whole = lanes / 4 * 4
    if unsafe source.laneStride == 1 {
        unsafe copyLanes(source, lanes: whole, width: width, depth: depth, into: packed)
    } else {
        unsafe transposeLanes(source, lanes: whole, width: width, depth: depth, into: packed)
    }
    if whole < width {
        unsafe packRest(
            source.at(lane: whole, depth: 0), lanes: lanes - whole, width: width - whole, stride: width, depth: depth,
            into: packed + whole)
    }
}

/// The up to three lanes that are left over, and zeros to the full width.
private func packRest(
    _ source: Panel, lanes: Int, width: Int, stride packedStride: Int, depth: Int,
    into packed: UnsafeMutablePointer<Float>
) {
    for level in 0..<depth {
        let from = unsafe source.address + level * source.depthStride
        let to = unsafe packed + level * packedStride
        let group = unsafe SIMD4(
            lanes > 0 ? from[0] : 0, lanes > 1 ? from[source.laneStride] : 0,
            lanes > 2 ? from[2 * source.laneStride] : 0, 0)
        unsafe store(group, to: to)
        for lane in stride(from: 4, to: width, by: 4) { unsafe store(.zero, to: to + lane) }
    }
}

/// The lanes already lie side by side.
@inline(__always)
private func copyLanes(
    _ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>
) {
    // Whole panels of the two widths there are have copies of constant length.
    if lanes == Tile.columns && width == Tile.columns {
        unsafe copyLevels(source, lanes: Tile.columns, width: Tile.columns, depth: depth, into: packed)
    } else if lanes == Tile.rows && width == Tile.rows {
        unsafe copyLevels(source, lanes: Tile.rows, width: Tile.rows, depth: depth, into: packed)
    } else {
        unsafe copyLevels(source, lanes: lanes, width: width, depth: depth, into: packed)
    }
}

@inline(__always)
private func copyLevels(
    _ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>
) {
    var (from, to) = unsafe (source.address, packed)
    let ahead = unsafe packedLevels &* source.depthStride
    for _ in 0..<depth {
        // The same lanes of the next few levels: rows are short, and the processor does not guess where the next begins.
        unsafe lockstep_prefetch_for_reading(from + ahead)
        if lanes > 16 { unsafe lockstep_prefetch_for_reading(from + ahead + 16) }
        var lane = 0
        while lane < lanes {
            unsafe store(load(from + lane), to: to + lane)
            lane &+= 4
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
    // 16 floats are a cache line of each lane, read whole while it is there.
    let step = 16
    let (laneStride, fourLevels) = unsafe (source.laneStride, 4 &* width)
    for start in stride(from: 0, to: depth, by: step) {
        let count = min(step, depth - start)
        for lane in stride(from: 0, to: lanes, by: 4) {
            var from = unsafe source.at(lane: lane, depth: start).address
            var to = unsafe packed + (start * width + lane)
            // Two lines further along the four lanes.
            for row in 0..<4 { unsafe lockstep_prefetch_for_reading(from + (row &* laneStride &+ 2 &* step)) }
            for _ in 0..<count / 4 {
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
    let row0 = unsafe load(from)
    let row1 = unsafe load(from + fromStride)
    let row2 = unsafe load(from + 2 * fromStride)
    let row3 = unsafe load(from + 3 * fromStride)
    unsafe store(SIMD4(row0[0], row1[0], row2[0], row3[0]), to: to)
    unsafe store(SIMD4(row0[1], row1[1], row2[1], row3[1]), to: to + toStride)
    unsafe store(SIMD4(row0[2], row1[2], row2[2], row3[2]), to: to + 2 * toStride)
    unsafe store(SIMD4(row0[3], row1[3], row2[3], row3[3]), to: to + 3 * toStride)
}

@inline(__always)
private func load(_ address: UnsafePointer<Float>) -> SIMD4<Float> {
    unsafe UnsafeRawPointer(address).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(__always)
private func store(_ vector: SIMD4<Float>, to address: UnsafeMutablePointer<Float>) {
    unsafe UnsafeMutableRawPointer(address).storeBytes(of: vector, as: SIMD4<Float>.self)
}
