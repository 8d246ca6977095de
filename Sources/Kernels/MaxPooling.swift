/// The loops of max pooling, and what every thread of the pool needs to know for them.
@unsafe struct MaxPooling {
    let geometry: PoolingGeometry
    let input: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let indices: UnsafeMutablePointer<Int32>

    /// Pools one channel of one image.
    func run(_ plane: Int) {
        let (height, width) = unsafe (geometry.height, geometry.width)
        let source = unsafe input + plane * geometry.inputPlane
        // Lanes that skip over columns read beyond their row; this many floats there are.
        let readable = unsafe (geometry.planes - plane) * geometry.inputPlane
        // The outputs whose window lies inside the row need no look at its ends.
        let inner = (width.paddingBefore + width.stride - 1) / width.stride
        let innerEnd = max((width.input - width.kernel + width.paddingBefore) / width.stride + 1, inner)

        for row in 0..<height.output {
            let top = row * height.stride - height.paddingBefore
            let rows = max(top, 0)..<min(top + height.kernel, height.input)
            let place = unsafe plane * geometry.outputPlane + row * width.output
            for column in 0..<min(inner, width.output) {
                unsafe poolWindow(source, rows: rows, column: column, into: place + column)
            }
            forEachLanes(of: min(innerEnd, width.output) - min(inner, width.output)) { lanes, count in
                unsafe poolLanes(
                    source, readable: readable, rows: rows, column: inner + lanes, count: count,
                    into: place + inner + lanes)
            }
            for column in min(innerEnd, width.output)..<width.output {
                unsafe poolWindow(source, rows: rows, column: column, into: place + column)
            }
        }
    }

    /// Pools one window, which may reach over the ends of the row.
    private func poolWindow(_ source: UnsafePointer<Float>, rows: Range<Int>, column: Int, into place: Int) {
        let width = unsafe geometry.width
        let left = column * width.stride - width.paddingBefore
        let columns = max(left, 0)..<min(left + width.kernel, width.input)
        var best = rows.lowerBound * width.input + columns.lowerBound
        for row in rows {
            for column in columns {
                let candidate = row * width.input + column
                let (value, largest) = unsafe (source[candidate], source[best])
                if value > largest || (value.isNaN && !largest.isNaN) { best = candidate }
            }
        }
        unsafe output[place] = source[best]
        unsafe indices[place] = Int32(truncatingIfNeeded: best)
    }

    /// Pools up to 16 neighbouring windows inside the row.
    @inline(__always)
    private func poolLanes(
        _ source: UnsafePointer<Float>, readable: Int, rows: Range<Int>, column: Int, count: Int, into place: Int
    ) {
        let width = unsafe geometry.width
        let left = column * width.stride - width.paddingBefore
        let steps = laneNumbers &* Int32(truncatingIfNeeded: width.stride)
        // Where nothing is larger, the first place stands.
        var largest = Lanes(repeating: -.infinity)
        var places = steps &+ Int32(truncatingIfNeeded: rows.lowerBound * width.input + left)
        for row in rows {
            for tap in 0..<width.kernel {
                let start = row * width.input + left + tap
                let values = unsafe Lanes(
                    at: source + start, every: width.stride, width: count, readable: readable - start)
                let candidates = steps &+ Int32(truncatingIfNeeded: start)
                let isLarger = (values .> largest) .| ((values .!= values) .& (largest .== largest))
                largest.replace(with: values, where: isLarger)
                places.replace(with: candidates, where: isLarger)
            }
        }
        unsafe largest.store(to: output + place, width: count)
        unsafe unsafeBitCast(places, to: Lanes.self).store(to: indices + place, width: count)
    }
}

/// 0, 1, 2 … 15. Computed: a stored one would be looked up, and perhaps made, wherever it is used.
@inline(__always)
private var laneNumbers: SIMD16<Int32> { SIMD16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }

extension SIMD16<Float> {
    /// The first `width` of 16 floats that lie `step` apart from `address` on, where `readable` floats are.
    @inline(__always)
    fileprivate init(at address: UnsafePointer<Float>, every step: Int, width: Int, readable: Int) {
        if step == 1 && readable >= 16 {
            unsafe self.init(at: address)
        } else if step == 2 && readable >= 31 {
            // The usual step: two loads and a shuffle. The second load begins one earlier, so that it ends at the last
            // float needed.
            let (low, high) = unsafe (Self(at: address), Self(at: address + 15))
            self.init(lowHalf: low.evenHalf, highHalf: high.oddHalf)
        } else {
            self = .zero
            for lane in 0..<width { unsafe self[lane] = address[lane * step] }
        }
    }
}
