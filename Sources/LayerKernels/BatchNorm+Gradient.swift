public import Kernels

/// Passes a gradient back through ``batchNorm(_:gamma:beta:into:mean:variance:geometry:epsilon:pool:)``, whose moments depend
/// on `x` too.
///
/// `gradient`, `x` and `xGradient` are as `geometry` says, all others are [channels]; `mean` and `variance` as the
/// normalisation left them. `xGradient` may be the memory of `gradient`. MindSpore: `BatchNormGrad` in training.
public func batchNormGradient(
    _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, mean: Span<Float>, variance: Span<Float>,
    into xGradient: inout MutableSpan<Float>, gammaGradient: inout MutableSpan<Float>,
    betaGradient: inout MutableSpan<Float>, geometry: ChannelGeometry, epsilon: Float, pool: ThreadPool
) {
    requireChannels(geometry, gamma: gamma.count, mean: mean.count, variance: variance.count)
    requireChannels(geometry, gamma: gammaGradient.count, beta: betaGradient.count)
    requireImages(geometry, gradient.count, x.count, xGradient.count)
    unsafe withAddresses(gradient, x, gamma, mean, variance) { gradient, x, gamma, mean, variance in
        unsafe withTargets(&xGradient, &gammaGradient, &betaGradient) { xGradient, gammaGradient, betaGradient in
            let arrays = unsafe ChannelNormArrays(
                geometry: geometry, epsilon: epsilon, gradient: gradient, x: x, mean: mean, variance: variance)
            let sums = unsafe ChannelNormSums(arrays: arrays, gammaGradient: gammaGradient, betaGradient: betaGradient)
            let slopes = unsafe ChannelNormGradient(
                arrays: arrays, gamma: gamma, gammaGradient: gammaGradient, betaGradient: betaGradient,
                total: geometry.channelCount, xGradient: xGradient)
            unsafe pool.forEach(geometry.units, with: (sums, slopes)) { work, unit in
                unsafe work.0.run(unit)
                unsafe work.1.run(unit)
            }
        }
    }
}

/// The sums of a gradient over all images and places: of each channel's own, beta's gradient, and of its products with the
/// normalised `x`, gamma's.
///
/// They are all that ``channelNorm(_:mean:variance:gamma:beta:into:geometry:epsilon:pool:)`` has to pass back to gamma and
/// beta, and what the ranks add up to pass a gradient back through moments of all their images.
public func channelNormSums(
    _ gradient: Span<Float>, x: Span<Float>, mean: Span<Float>, variance: Span<Float>,
    gammaGradient: inout MutableSpan<Float>, betaGradient: inout MutableSpan<Float>, geometry: ChannelGeometry,
    epsilon: Float, pool: ThreadPool
) {
    requireChannels(geometry, mean: mean.count, variance: variance.count)
    requireChannels(geometry, gamma: gammaGradient.count, beta: betaGradient.count)
    requireImages(geometry, gradient.count, x.count)
    unsafe withAddresses(gradient, x, mean, variance) { gradient, x, mean, variance in
        unsafe withTargets(&gammaGradient, &betaGradient) { gammaGradient, betaGradient in
            let arrays = unsafe ChannelNormArrays(
                geometry: geometry, epsilon: epsilon, gradient: gradient, x: x, mean: mean, variance: variance)
            let sums = unsafe ChannelNormSums(arrays: arrays, gammaGradient: gammaGradient, betaGradient: betaGradient)
            unsafe pool.forEach(geometry.units, with: sums) { sums, unit in unsafe sums.run(unit) }
        }
    }
}

/// The gradient of `x` where the moments are those of `total` elements of a channel, of which these are some, and the sums
/// are over all of them.
public func channelNormGradient(
    _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, mean: Span<Float>, variance: Span<Float>,
    gammaGradient: Span<Float>, betaGradient: Span<Float>, total: Int, into xGradient: inout MutableSpan<Float>,
    geometry: ChannelGeometry, epsilon: Float, pool: ThreadPool
) {
    requireChannels(geometry, gamma: gamma.count, mean: mean.count, variance: variance.count)
    requireChannels(geometry, gamma: gammaGradient.count, beta: betaGradient.count)
    requireImages(geometry, gradient.count, x.count, xGradient.count)
    unsafe withAddresses(gradient, x, gamma, mean, variance) { gradient, x, gamma, mean, variance in
        unsafe withAddresses(gammaGradient, betaGradient) { gammaGradient, betaGradient in
            unsafe xGradient.withAddress { xGradient in
                let arrays = unsafe ChannelNormArrays(
                    geometry: geometry, epsilon: epsilon, gradient: gradient, x: x, mean: mean, variance: variance)
                let slopes = unsafe ChannelNormGradient(
                    arrays: arrays, gamma: gamma, gammaGradient: gammaGradient, betaGradient: betaGradient,
                    total: total, xGradient: xGradient)
                unsafe pool.forEach(geometry.units, with: slopes) { slopes, unit in unsafe slopes.run(unit) }
            }
        }
    }
}
