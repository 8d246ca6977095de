// Packing works on groups of four lanes: every panel's width is a multiple of four.

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
    for level in 0..<depth {
        let from = unsafe source.address + level * source.depthStride
        let to = unsafe packed + level * width
        if lanes == width {
            for lane in stride(from: 0, to: width, by: 4) { unsafe store(load(from + lane), to: to + lane) }
        } else {
            for lane in stride(from: 0, to: lanes, by: 4) { unsafe store(load(from + lane), to: to + lane) }
        }
    }
}

/// The lanes lie apart, each along the depth.
@inline(__always)
private func transposeLanes(
    _ source: Panel, lanes: Int, width: Int, depth: Int, into packed: UnsafeMutablePointer<Float>
) {
    // 16 floats are a cache line of each lane, read whole while it is there.
    let step = 16
    for start in stride(from: 0, to: depth, by: step) {
        let end = min(start + step, depth)
        for lane in stride(from: 0, to: lanes, by: 4) {
            let from = unsafe source.address + lane * source.laneStride
            let to = unsafe packed + lane
            var level = start
            while level + 4 <= end {
                unsafe transpose4x4(from + level, source.laneStride, to: to + level * width, width)
                level += 4
            }
            while level < end {
                for row in 0..<4 { unsafe to[level * width + row] = from[row * source.laneStride + level] }
                level += 1
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
