public import Kernels

// Batch normalisation as a whole, and in the parts that normalisation over several ranks is put together from: moments,
// normalisation by given moments, the sums of the gradient, and the gradient by given sums.

/// Brings every channel to mean 0 and deviation 1 over all images and places, then scales and shifts it:
/// `y = (x − mean[c]) / √(variance[c] + epsilon) · gamma[c] + beta[c]`.
///
/// `x` and `y` are as `geometry` says; all others are [channels]. `mean` and `variance`, that of all elements and not of a
/// sample, are written for the gradient and the moving statistics. The channels are spread over the pool. MindSpore:
/// `BatchNorm` in training.
public func batchNorm(
    _ x: Span<Float>, gamma: Span<Float>, beta: Span<Float>, into y: inout MutableSpan<Float>,
    mean: inout MutableSpan<Float>, variance: inout MutableSpan<Float>, geometry: ChannelGeometry, epsilon: Float,
    pool: ThreadPool
) {
    requireChannels(geometry, gamma: gamma.count, beta: beta.count, mean: mean.count, variance: variance.count)
    requireImages(geometry, x.count, y.count)
    unsafe withAddresses(x, gamma, beta) { x, gamma, beta in
        unsafe withTargets(&y, &mean, &variance) { y, mean, variance in
            let moments = unsafe ChannelMoments(geometry: geometry, x: x, mean: mean, variance: variance)
            let norm = unsafe ChannelNorm(
                geometry: geometry, epsilon: epsilon, x: x, mean: mean, variance: variance, gamma: gamma, beta: beta,
                y: y)
            // Channel by channel, for what the moments were taken of is still in the cache.
            unsafe pool.forEach(geometry.units, with: (moments, norm)) { work, unit in
                unsafe work.0.run(unit)
                unsafe work.1.run(unit)
            }
        }
    }
}

/// Computes mean and variance of every channel over all images and places.
///
/// The order of the sums is fixed: plane after plane, those of planes added up in double precision.
public func channelMoments(
    _ x: Span<Float>, mean: inout MutableSpan<Float>, variance: inout MutableSpan<Float>, geometry: ChannelGeometry,
    pool: ThreadPool
) {
    requireImages(geometry, x.count)
    requireChannels(geometry, mean: mean.count, variance: variance.count)
    unsafe x.withAddress { x in
        unsafe withTargets(&mean, &variance) { mean, variance in
            let moments = unsafe ChannelMoments(geometry: geometry, x: x, mean: mean, variance: variance)
            unsafe pool.forEach(geometry.units, with: moments) { moments, unit in unsafe moments.run(unit) }
        }
    }
}

/// Normalises every channel by moments that are given: those of training before (MindSpore: `BatchNorm` in inference), or
/// those of all ranks' images.
public func channelNorm(
    _ x: Span<Float>, mean: Span<Float>, variance: Span<Float>, gamma: Span<Float>, beta: Span<Float>,
    into y: inout MutableSpan<Float>, geometry: ChannelGeometry, epsilon: Float, pool: ThreadPool
) {
    requireChannels(geometry, gamma: gamma.count, beta: beta.count, mean: mean.count, variance: variance.count)
    requireImages(geometry, x.count, y.count)
    unsafe withAddresses(x, mean, variance, gamma, beta) { x, mean, variance, gamma, beta in
        unsafe y.withAddress { y in
            let norm = unsafe ChannelNorm(
                geometry: geometry, epsilon: epsilon, x: x, mean: mean, variance: variance, gamma: gamma, beta: beta,
                y: y)
            unsafe pool.forEach(geometry.units, with: norm) { norm, unit in unsafe norm.run(unit) }
        }
    }
}

/// Moves statistics towards those of a batch: `moving = moving · (1 − share) + value · factor · share`.
///
/// MindSpore's `momentum` in the layer is `1 − share`. For the variance `factor` may make that of a sample of it.
public func updateMovingStatistic(
    _ moving: inout MutableSpan<Float>, towards value: Span<Float>, share: Float, factor: Float = 1
) {
    let count = moving.count
    require(value.count, of: "the batch's statistic", is: count)
    unsafe moving.withAddress { moving in
        unsafe value.withAddress { value in
            forEachLanes(of: count) { i, width in
                let kept = unsafe Lanes(at: moving + i, width: width) * (1 - share)
                unsafe kept.plus(factor * share, times: Lanes(at: value + i, width: width))
                    .store(to: moving + i, width: width)
            }
        }
    }
}

/// Ends the program unless every array of images has as many elements as they have.
func requireImages(_ geometry: ChannelGeometry, _ counts: Int..., in kernel: StaticString = #function) {
    for count in counts { require(count, of: "an array of images", is: geometry.count, in: kernel) }
}

/// Ends the program unless every array that has an element for each channel has as many.
func requireChannels(
    _ geometry: ChannelGeometry, gamma: Int? = nil, beta: Int? = nil, mean: Int? = nil, variance: Int? = nil,
    in kernel: StaticString = #function
) {
    let channels = geometry.channels
    require(gamma ?? channels, of: "gamma", is: channels, in: kernel)
    require(beta ?? channels, of: "beta", is: channels, in: kernel)
    require(mean ?? channels, of: "the mean", is: channels, in: kernel)
    require(variance ?? channels, of: "the variance", is: channels, in: kernel)
}
