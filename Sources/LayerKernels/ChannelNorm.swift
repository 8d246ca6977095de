import Kernels

/// The loops that take the moments of channels.
@unsafe struct ChannelMoments {
    let geometry: ChannelGeometry
    let x: UnsafePointer<Float>
    let mean: UnsafeMutablePointer<Float>
    let variance: UnsafeMutablePointer<Float>

    /// Takes those of one unit.
    func run(_ unit: Int) {
        if unsafe geometry.isFlat { unsafe runFlat(unit * Lanes.scalarCount) } else { unsafe runPlanes(unit) }
    }

    private func runPlanes(_ channel: Int) {
        let (plane, count) = unsafe (geometry.plane, Double(geometry.channelCount))
        var total = 0.0
        unsafe geometry.forEachPlane(of: channel) { unsafe total += Double(sum(at: x + $0, count: plane)) }
        let center = Float(total / count)
        // Differences, not the mean of squares less the square of the mean: that would cancel.
        var squares = 0.0
        unsafe geometry.forEachPlane(of: channel) { start in
            let lanes = unsafe foldLanes(x + start, count: plane, from: Lanes.zero, padding: center) {
                $0.plus($1 - center, times: $1 - center)
            } merging: {
                $0 + $1
            }
            squares += Double(lanes.sumOfLanes)
        }
        unsafe mean[channel] = center
        unsafe variance[channel] = Float(squares / count)
    }

    /// Sixteen channels side by side.
    private func runFlat(_ channel: Int) {
        let (channels, batch) = unsafe (geometry.channels, geometry.batch)
        let width = min(Lanes.scalarCount, channels - channel)
        var total = SIMD16<Double>.zero
        for image in 0..<batch {
            total += SIMD16(unsafe Lanes(at: x + (image &* channels &+ channel), width: width))
        }
        let center = Lanes(total / Double(batch))
        var squares = SIMD16<Double>.zero
        for image in 0..<batch {
            let difference = unsafe Lanes(at: x + (image &* channels &+ channel), width: width) - center
            squares += SIMD16(difference * difference)
        }
        unsafe center.store(to: mean + channel, width: width)
        unsafe Lanes(squares / Double(batch)).store(to: variance + channel, width: width)
    }
}

/// The loops that normalise channels by their moments.
@unsafe struct ChannelNorm {
    let geometry: ChannelGeometry
    let epsilon: Float
    let x: UnsafePointer<Float>
    let mean: UnsafePointer<Float>
    let variance: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let beta: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>

    /// Normalises one unit.
    func run(_ unit: Int) {
        if unsafe geometry.isFlat { unsafe runFlat(unit * Lanes.scalarCount) } else { unsafe runPlanes(unit) }
    }

    private func runPlanes(_ channel: Int) {
        let (center, shift) = unsafe (mean[channel], beta[channel])
        let scale = unsafe gamma[channel] / (variance[channel] + epsilon).squareRoot()
        let plane = unsafe geometry.plane
        unsafe geometry.forEachPlane(of: channel) { start in
            forEachLanes(of: plane) { i, width in
                let difference = unsafe Lanes(at: x + (start + i), width: width) - center
                unsafe Lanes(repeating: shift).plus(scale, times: difference).store(to: y + (start + i), width: width)
            }
        }
    }

    private func runFlat(_ channel: Int) {
        let channels = unsafe geometry.channels
        let width = min(Lanes.scalarCount, channels - channel)
        let center = unsafe Lanes(at: mean + channel, width: width)
        let deviation = unsafe (Lanes(at: variance + channel, width: width) + epsilon).squareRoot()
        let scale = unsafe Lanes(at: gamma + channel, width: width) / deviation
        let shift = unsafe Lanes(at: beta + channel, width: width)
        for image in unsafe 0..<geometry.batch {
            let place = image &* channels &+ channel
            let difference = unsafe Lanes(at: x + place, width: width) - center
            unsafe shift.plus(scale, times: difference).store(to: y + place, width: width)
        }
    }
}
