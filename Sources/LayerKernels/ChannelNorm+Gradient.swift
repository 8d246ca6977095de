import Kernels

/// What the gradients of a normalisation of channels are computed from.
@unsafe struct ChannelNormArrays {
    let geometry: ChannelGeometry
    let epsilon: Float
    let gradient: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let mean: UnsafePointer<Float>
    let variance: UnsafePointer<Float>

    /// The inverse deviation of a channel.
    @inline(__always)
    func inverse(_ channel: Int) -> Float { unsafe 1 / (variance[channel] + epsilon).squareRoot() }

    /// Those of up to 16 channels.
    @inline(__always)
    func inverses(_ channel: Int, width: Int) -> Lanes {
        unsafe 1 / (Lanes(at: variance + channel, width: width) + epsilon).squareRoot()
    }
}

/// The loops that sum gradients over a channel.
@unsafe struct ChannelNormSums {
    let arrays: ChannelNormArrays
    let gammaGradient: UnsafeMutablePointer<Float>
    let betaGradient: UnsafeMutablePointer<Float>

    func run(_ unit: Int) {
        if unsafe arrays.geometry.isFlat { unsafe runFlat(unit * Lanes.scalarCount) } else { unsafe runPlanes(unit) }
    }

    private func runPlanes(_ channel: Int) {
        let (plane, center) = unsafe (arrays.geometry.plane, arrays.mean[channel])
        let (gradient, x) = unsafe (arrays.gradient, arrays.x)
        var (total, products) = (0.0, 0.0)
        unsafe arrays.geometry.forEachPlane(of: channel) { start in
            var (sums, productSums) = (Lanes.zero, Lanes.zero)
            forEachLanes(of: plane) { i, width in
                let g = unsafe Lanes(at: gradient + (start + i), width: width)
                sums += g
                productSums = unsafe productSums.plus(g, times: Lanes(at: x + (start + i), width: width) - center)
            }
            total += Double(sums.sumOfLanes)
            products += Double(productSums.sumOfLanes)
        }
        unsafe gammaGradient[channel] = Float(products) * arrays.inverse(channel)
        unsafe betaGradient[channel] = Float(total)
    }

    private func runFlat(_ channel: Int) {
        let channels = unsafe arrays.geometry.channels
        let width = min(Lanes.scalarCount, channels - channel)
        let center = unsafe Lanes(at: arrays.mean + channel, width: width)
        var (sums, products) = (SIMD16<Double>.zero, SIMD16<Double>.zero)
        for image in unsafe 0..<arrays.geometry.batch {
            let place = image &* channels &+ channel
            let g = unsafe Lanes(at: arrays.gradient + place, width: width)
            sums += SIMD16(g)
            products += SIMD16(unsafe g * (Lanes(at: arrays.x + place, width: width) - center))
        }
        let inverses = unsafe arrays.inverses(channel, width: width)
        unsafe (Lanes(products) * inverses).store(to: gammaGradient + channel, width: width)
        unsafe Lanes(sums).store(to: betaGradient + channel, width: width)
    }
}

/// The loops that pass a gradient back to `x`: with h the normalised x and the means over all `total` elements,
/// dx = gamma · inverseDeviation · (g − mean(g) − h · mean(g · h)).
@unsafe struct ChannelNormGradient {
    let arrays: ChannelNormArrays
    let gamma: UnsafePointer<Float>
    let gammaGradient: UnsafePointer<Float>
    let betaGradient: UnsafePointer<Float>
    let total: Int
    let xGradient: UnsafeMutablePointer<Float>

    func run(_ unit: Int) {
        if unsafe arrays.geometry.isFlat { unsafe runFlat(unit * Lanes.scalarCount) } else { unsafe runPlanes(unit) }
    }

    private func runPlanes(_ channel: Int) {
        let (plane, center, inverse) = unsafe (arrays.geometry.plane, arrays.mean[channel], arrays.inverse(channel))
        let (gradient, x, scale) = unsafe (arrays.gradient, arrays.x, gamma[channel] * inverse)
        let shift = unsafe betaGradient[channel] / Float(total)
        let slope = unsafe gammaGradient[channel] / Float(total) * inverse
        unsafe arrays.geometry.forEachPlane(of: channel) { start in
            forEachLanes(of: plane) { i, width in
                let g = unsafe Lanes(at: gradient + (start + i), width: width)
                let difference = unsafe Lanes(at: x + (start + i), width: width) - center
                let result = (g - shift).plus(-slope, times: difference) * scale
                unsafe result.store(to: xGradient + (start + i), width: width)
            }
        }
    }

    private func runFlat(_ channel: Int) {
        let channels = unsafe arrays.geometry.channels
        let width = min(Lanes.scalarCount, channels - channel)
        let center = unsafe Lanes(at: arrays.mean + channel, width: width)
        let inverse = unsafe arrays.inverses(channel, width: width)
        let scale = unsafe Lanes(at: gamma + channel, width: width) * inverse
        let share = unsafe 1 / Float(total)
        let shift = unsafe Lanes(at: betaGradient + channel, width: width) * share
        let slope = unsafe Lanes(at: gammaGradient + channel, width: width) * share * inverse
        for image in unsafe 0..<arrays.geometry.batch {
            let place = image &* channels &+ channel
            let g = unsafe Lanes(at: arrays.gradient + place, width: width)
            let difference = unsafe Lanes(at: arrays.x + place, width: width) - center
            unsafe ((g - shift - slope * difference) * scale).store(to: xGradient + place, width: width)
        }
    }
}
