public import Kernels
import Memory

/// Brings every group of channels of every image to mean 0 and deviation 1, then scales and shifts each channel.
///
/// `x` and `y` are as `geometry` says, `gamma` and `beta` are [channels], `mean` and `variance` are [batch, groups] and are
/// written for the gradient. `groups` divides the channels; as many as channels make an instance normalisation. The groups
/// are spread over the pool. MindSpore: `nn.GroupNorm`, `nn.InstanceNorm2d`.
public func groupNorm(
    _ x: Span<Float>, gamma: Span<Float>, beta: Span<Float>, into y: inout MutableSpan<Float>,
    mean: inout MutableSpan<Float>, variance: inout MutableSpan<Float>, geometry: ChannelGeometry, groups: Int,
    epsilon: Float, pool: ThreadPool
) {
    requireGroups(geometry, groups, mean.count, variance.count)
    requireChannels(geometry, gamma: gamma.count, beta: beta.count)
    requireImages(geometry, x.count, y.count)
    unsafe withAddresses(x, gamma, beta) { x, gamma, beta in
        unsafe withTargets(&y, &mean, &variance) { y, mean, variance in
            let norm = unsafe GroupNorm(
                geometry: geometry, groups: groups, epsilon: epsilon, x: x, gamma: gamma, beta: beta, y: y, mean: mean,
                variance: variance)
            unsafe pool.forEach(geometry.batch * groups, with: norm) { norm, row in unsafe norm.run(row) }
        }
    }
}

/// Passes a gradient back through ``groupNorm(_:gamma:beta:into:mean:variance:geometry:groups:epsilon:pool:)``.
///
/// `gradient`, `x` and `xGradient` are as `geometry` says, `mean` and `variance` as the normalisation left them; the gradients
/// of gamma and beta are summed over the images in their order. `xGradient` may be the memory of `gradient`.
public func groupNormGradient(
    _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, mean: Span<Float>, variance: Span<Float>,
    into xGradient: inout MutableSpan<Float>, gammaGradient: inout MutableSpan<Float>,
    betaGradient: inout MutableSpan<Float>, geometry: ChannelGeometry, groups: Int, epsilon: Float, pool: ThreadPool
) {
    requireGroups(geometry, groups, mean.count, variance.count)
    requireChannels(geometry, gamma: gamma.count, beta: betaGradient.count)
    requireChannels(geometry, gamma: gammaGradient.count)
    requireImages(geometry, gradient.count, x.count, xGradient.count)
    let rows = geometry.batch * geometry.channels
    unsafe withAddresses(gradient, x, gamma, mean, variance) { gradient, x, gamma, mean, variance in
        unsafe xGradient.withAddress { xGradient in
            pool.withScratch(2 * rows) { sums in
                unsafe sums.withAddress { sums in
                    let norm = unsafe GroupNormGradient(
                        geometry: geometry, groups: groups, epsilon: epsilon, gradient: gradient, x: x, gamma: gamma,
                        mean: mean, variance: variance, xGradient: xGradient, products: sums, sums: sums + rows)
                    unsafe pool.forEach(geometry.batch * groups, with: norm) { norm, row in unsafe norm.run(row) }
                }
                let (batch, channels) = (geometry.batch, geometry.channels)
                let sums = sums.span
                sumLeadingAxis(sums.extracting(..<rows), into: &gammaGradient, rows: batch, columns: channels)
                sumLeadingAxis(sums.extracting(rows...), into: &betaGradient, rows: batch, columns: channels)
            }
        }
    }
}

private func requireGroups(
    _ geometry: ChannelGeometry, _ groups: Int, _ mean: Int, _ variance: Int, in kernel: StaticString = #function
) {
    insist(
        groups > 0 && geometry.channels % groups == 0,
        "\(groups) groups do not divide \(geometry.channels) channels")
    require(mean, of: "the mean", is: geometry.batch * groups, in: kernel)
    require(variance, of: "the variance", is: geometry.batch * groups, in: kernel)
}

/// The arrays of one normalisation. A *row* is a group of an image, whose elements lie side by side.
@unsafe private struct GroupNorm {
    let geometry: ChannelGeometry
    let groups: Int
    let epsilon: Float
    let x: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let beta: UnsafePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let mean: UnsafeMutablePointer<Float>
    let variance: UnsafeMutablePointer<Float>

    func run(_ row: Int) {
        let (plane, channels) = unsafe (geometry.plane, geometry.channels / groups)
        let count = plane * channels
        let (x, y, first) = unsafe (x + row * count, y + row * count, row % groups * channels)
        let center = unsafe sum(at: x, count: count) / Float(count)
        let squares = unsafe foldLanes(x, count: count, from: Lanes.zero, padding: center) {
            $0.plus($1 - center, times: $1 - center)
        } merging: {
            $0 + $1
        }.sumOfLanes
        unsafe mean[row] = center
        unsafe variance[row] = squares / Float(count)
        let inverse = unsafe 1 / (squares / Float(count) + epsilon).squareRoot()
        for channel in 0..<channels {
            let (scale, shift) = unsafe (gamma[first + channel] * inverse, beta[first + channel])
            let start = channel * plane
            forEachLanes(of: plane) { i, width in
                let difference = unsafe Lanes(at: x + (start + i), width: width) - center
                unsafe Lanes(repeating: shift).plus(scale, times: difference).store(to: y + (start + i), width: width)
            }
        }
    }
}

/// The arrays of one gradient. `products` and `sums`, [batch, channels], take an image's share of gamma's and beta's.
@unsafe private struct GroupNormGradient {
    let geometry: ChannelGeometry
    let groups: Int
    let epsilon: Float
    let gradient: UnsafePointer<Float>
    let x: UnsafePointer<Float>
    let gamma: UnsafePointer<Float>
    let mean: UnsafePointer<Float>
    let variance: UnsafePointer<Float>
    let xGradient: UnsafeMutablePointer<Float>
    let products: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>

    /// One row: with h the normalised x and d = g · gamma, dx = inverseDeviation · (d − mean(d) − h · mean(d · h)).
    func run(_ row: Int) {
        let (plane, channels) = unsafe (geometry.plane, geometry.channels / groups)
        let count = plane * channels
        let (g, x, target) = unsafe (gradient + row * count, x + row * count, xGradient + row * count)
        let first = unsafe row % groups * channels
        let center = unsafe mean[row]
        let inverse = unsafe 1 / (variance[row] + epsilon).squareRoot()
        var (total, productTotal) = (Float(0), Float(0))
        for channel in 0..<channels {
            let (sum, product) = unsafe sumPlane(g + channel * plane, x + channel * plane, center)
            unsafe sums[row * channels + channel] = sum
            unsafe products[row * channels + channel] = product * inverse
            unsafe total += sum * gamma[first + channel]
            unsafe productTotal += product * inverse * gamma[first + channel]
        }
        let (shift, slope) = (total / Float(count), productTotal / Float(count) * inverse)
        for channel in 0..<channels {
            let (factor, start) = unsafe (gamma[first + channel], channel * plane)
            forEachLanes(of: plane) { i, width in
                let d = unsafe Lanes(at: g + (start + i), width: width) * factor - shift
                let difference = unsafe Lanes(at: x + (start + i), width: width) - center
                unsafe (d.plus(-slope, times: difference) * inverse).store(to: target + (start + i), width: width)
            }
        }
    }

    /// The sums over a plane of g and of its products with x less its mean.
    @inline(__always)
    private func sumPlane(_ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ center: Float) -> (Float, Float) {
        var (sums, products) = (Lanes.zero, Lanes.zero)
        unsafe forEachLanes(of: geometry.plane) { i, width in
            let g = unsafe Lanes(at: g + i, width: width)
            sums += g
            products = unsafe products.plus(g, times: Lanes(at: x + i, width: width) - center)
        }
        return (sums.sumOfLanes, products.sumOfLanes)
    }
}
