import Kernels
import LayerKernels
import Testing

/// A normalisation of channels with random numbers in it.
private struct ChannelCase {
    let geometry: ChannelGeometry
    let groups: Int
    let x: [Float]
    let gamma: [Float]
    let beta: [Float]
    let gradient: [Float]
    let epsilon: Float = 1e-5

    init(_ batch: Int, _ channels: Int, _ plane: Int, groups: Int = 1) {
        geometry = ChannelGeometry(batch: batch, channels: channels, plane: plane)
        self.groups = groups
        x = randomValues(geometry.count, in: 2..<5)
        (gamma, beta) = (randomValues(channels, seed: 2), randomValues(channels, seed: 3))
        gradient = randomValues(geometry.count, seed: 4)
    }

    /// Result, mean and variance of batch norm.
    func batchNorm(_ x: [Float], threads: Int?) -> [[Float]] {
        three(geometry.count, geometry.channels, geometry.channels) { y, mean, variance in
            guard let threads else {
                return Reference.batchNorm(
                    x.span, gamma: gamma.span, beta: beta.span, into: &y, mean: &mean, variance: &variance,
                    geometry: geometry, epsilon: epsilon)
            }
            LayerKernels.batchNorm(
                x.span, gamma: gamma.span, beta: beta.span, into: &y, mean: &mean, variance: &variance,
                geometry: geometry, epsilon: epsilon, pool: ThreadPool(threads: threads))
        }
    }

    /// The gradients of x, gamma and beta.
    func batchNormGradient(threads: Int?) -> [[Float]] {
        let moments = batchNorm(x, threads: nil)
        let (mean, variance) = (moments[1], moments[2])
        return three(geometry.count, geometry.channels, geometry.channels) { dx, dGamma, dBeta in
            guard let threads else {
                return Reference.batchNormGradient(
                    gradient.span, x: x.span, gamma: gamma.span, mean: mean.span, variance: variance.span,
                    into: &dx, gammaGradient: &dGamma, betaGradient: &dBeta, geometry: geometry, epsilon: epsilon)
            }
            LayerKernels.batchNormGradient(
                gradient.span, x: x.span, gamma: gamma.span, mean: mean.span, variance: variance.span,
                into: &dx, gammaGradient: &dGamma, betaGradient: &dBeta, geometry: geometry, epsilon: epsilon,
                pool: ThreadPool(threads: threads))
        }
    }

    func groupNorm(_ x: [Float], threads: Int?) -> [[Float]] {
        let rows = geometry.batch * groups
        return three(geometry.count, rows, rows) { y, mean, variance in
            guard let threads else {
                return Reference.groupNorm(
                    x.span, gamma: gamma.span, beta: beta.span, into: &y, mean: &mean, variance: &variance,
                    geometry: geometry, groups: groups, epsilon: epsilon)
            }
            LayerKernels.groupNorm(
                x.span, gamma: gamma.span, beta: beta.span, into: &y, mean: &mean, variance: &variance,
                geometry: geometry, groups: groups, epsilon: epsilon, pool: ThreadPool(threads: threads))
        }
    }

    func groupNormGradient(threads: Int?) -> [[Float]] {
        let moments = groupNorm(x, threads: nil)
        let (mean, variance) = (moments[1], moments[2])
        return three(geometry.count, geometry.channels, geometry.channels) { dx, dGamma, dBeta in
            guard let threads else {
                return Reference.groupNormGradient(
                    gradient.span, x: x.span, gamma: gamma.span, mean: mean.span, variance: variance.span,
                    into: &dx, gammaGradient: &dGamma, betaGradient: &dBeta, geometry: geometry, groups: groups,
                    epsilon: epsilon)
            }
            LayerKernels.groupNormGradient(
                gradient.span, x: x.span, gamma: gamma.span, mean: mean.span, variance: variance.span,
                into: &dx, gammaGradient: &dGamma, betaGradient: &dBeta, geometry: geometry, groups: groups,
                epsilon: epsilon, pool: ThreadPool(threads: threads))
        }
    }
}

/// Three arrays written by `body`; NaN stands where it did not write.
func three(
    _ first: Int, _ second: Int, _ third: Int,
    _ body: (inout MutableSpan<Float>, inout MutableSpan<Float>, inout MutableSpan<Float>) -> Void
) -> [[Float]] {
    var (seconds, thirds) = ([Float](repeating: .nan, count: second), [Float](repeating: .nan, count: third))
    var secondSpan = seconds.mutableSpan
    var thirdSpan = thirds.mutableSpan
    let firsts = written(first) { body(&$0, &secondSpan, &thirdSpan) }
    return [firsts, seconds, thirds]
}

@Suite struct ChannelNormTests {
    static let shapes = [(1, 1, 2), (3, 5, 1), (40, 33, 1), (2, 3, 15), (3, 4, 16), (2, 17, 65), (5, 2, 1000)]

    @Test(arguments: shapes) func batchNormMatchesTheReference(batch: Int, channels: Int, plane: Int) {
        let example = ChannelCase(batch, channels, plane)
        for (actual, expected) in zip(
            example.batchNorm(example.x, threads: 1), example.batchNorm(example.x, threads: nil))
        {
            #expect(largestError(actual, expected) < 2e-5)
        }
        for (actual, expected) in zip(example.batchNormGradient(threads: 1), example.batchNormGradient(threads: nil)) {
            #expect(largestError(actual, expected) < 1e-4)
        }
    }

    @Test(arguments: shapes) func bitsDoNotDependOnTheThreads(batch: Int, channels: Int, plane: Int) {
        let example = ChannelCase(batch, channels, plane)
        for threads in [2, 3] {
            #expect(
                zip(example.batchNorm(example.x, threads: 1), example.batchNorm(example.x, threads: threads))
                    .allSatisfy { isSame($0, $1) })
            #expect(
                zip(example.batchNormGradient(threads: 1), example.batchNormGradient(threads: threads))
                    .allSatisfy { isSame($0, $1) })
        }
    }

    @Test func gradientsAreThoseOfTheReferenceNumerically() {
        let example = ChannelCase(3, 4, 5)
        let error = largestGradientError(example.batchNormGradient(threads: 2)[0], of: example.x, step: 3e-3) {
            scalarProduct(example.batchNorm($0, threads: nil)[0], example.gradient)
        }
        #expect(error < 2e-3)
        let grouped = ChannelCase(3, 4, 5, groups: 2)
        let groupError = largestGradientError(grouped.groupNormGradient(threads: 2)[0], of: grouped.x, step: 3e-3) {
            scalarProduct(grouped.groupNorm($0, threads: nil)[0], grouped.gradient)
        }
        #expect(groupError < 2e-3)
    }

    /// What two ranks compute of halves of a batch, sums and moments added up, is what one computes of the whole.
    @Test func partsOfABatchNormMakeTheWhole() {
        let example = ChannelCase(4, 3, 21)
        let pool = ThreadPool(threads: 1)
        let whole = example.batchNorm(example.x, threads: 1)
        let (mean, variance) = (whole[1], whole[2])
        let normal = written(example.geometry.count) {
            channelNorm(
                example.x.span, mean: mean.span, variance: variance.span, gamma: example.gamma.span,
                beta: example.beta.span, into: &$0, geometry: example.geometry, epsilon: example.epsilon, pool: pool)
        }
        #expect(isSame(normal, whole[0]))
        let gradients = example.batchNormGradient(threads: 1)
        let (gammaGradient, betaGradient) = (gradients[1], gradients[2])
        let half = ChannelGeometry(batch: 2, channels: 3, plane: 21)
        var parts: [Float] = []
        for start in [0, half.count] {
            let range = start..<start + half.count
            parts += written(half.count) {
                channelNormGradient(
                    example.gradient.span.extracting(range), x: example.x.span.extracting(range),
                    gamma: example.gamma.span, mean: mean.span, variance: variance.span,
                    gammaGradient: gammaGradient.span, betaGradient: betaGradient.span,
                    total: example.geometry.channelCount, into: &$0, geometry: half, epsilon: example.epsilon,
                    pool: pool)
            }
        }
        #expect(largestError(parts, gradients[0]) < 1e-5)
    }

    /// Sums of many numbers that lie far from 0, of channels that lie side by side and of planes.
    @Test(arguments: [1, 2]) func momentsOfManyImagesAreExact(plane: Int) {
        let (batch, channels) = (60_000, 3)
        let geometry = ChannelGeometry(batch: batch, channels: channels, plane: plane)
        let x = randomValues(geometry.count, in: 1000..<1001)
        let found = three(channels, channels, 0) { mean, variance, _ in
            channelMoments(x.span, mean: &mean, variance: &variance, geometry: geometry, pool: ThreadPool(threads: 2))
        }
        for channel in 0..<channels {
            let values = x.indices.filter { $0 / plane % channels == channel }.map { Double(x[$0]) }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            #expect(abs(Double(found[0][channel]) - mean) < 4e-5)
            #expect(abs(Double(found[1][channel]) - variance) < 1e-6)
        }
    }

    @Test(arguments: [1, 2]) func gradientsOfManyImagesAreExact(plane: Int) {
        let (batch, channels) = (60_000, 3)
        let geometry = ChannelGeometry(batch: batch, channels: channels, plane: plane)
        let (x, gradient) = (randomValues(geometry.count), randomValues(geometry.count, seed: 2, in: 1000..<1001))
        let (mean, variance): ([Float], [Float]) = ([0.5, 0, -0.5], [1, 1, 1])
        let found = three(channels, channels, 0) { gamma, beta, _ in
            channelNormSums(
                gradient.span, x: x.span, mean: mean.span, variance: variance.span, gammaGradient: &gamma,
                betaGradient: &beta, geometry: geometry, epsilon: 0, pool: ThreadPool(threads: 2))
        }
        for channel in 0..<channels {
            let places = x.indices.filter { $0 / plane % channels == channel }
            let sum = places.reduce(0.0) { $0 + Double(gradient[$1]) }
            let products = places.reduce(0.0) { $0 + Double(gradient[$1]) * (Double(x[$1]) - Double(mean[channel])) }
            #expect(abs(Double(found[0][channel]) - products) < abs(products) * 1e-6)
            #expect(abs(Double(found[1][channel]) - sum) < sum * 1e-6)
        }
    }

    @Test func movingStatisticsFollowAsInMindSpore() {
        // nn.BatchNorm2d: 0.9 of the old and 0.1 of the new, of the variance that of a sample.
        var moving: [Float] = [1, 2, 3]
        var span = moving.mutableSpan
        let value: [Float] = [4, 4, 4]
        updateMovingStatistic(&span, towards: value.span, share: 0.1, factor: 1.25)
        #expect(largestError(moving, [1.4, 2.3, 3.2]) < 1e-6)
    }

    @Test(arguments: [(2, 4, 1, 2), (3, 6, 7, 3), (2, 5, 33, 5), (1, 8, 100, 1), (33, 2, 16, 1)])
    func groupNormMatchesTheReference(batch: Int, channels: Int, plane: Int, groups: Int) {
        let example = ChannelCase(batch, channels, plane, groups: groups)
        let (forward, back) = (example.groupNorm(example.x, threads: 1), example.groupNormGradient(threads: 1))
        for (actual, expected) in zip(forward, example.groupNorm(example.x, threads: nil)) {
            #expect(largestError(actual, expected) < 2e-5)
        }
        for (actual, expected) in zip(back, example.groupNormGradient(threads: nil)) {
            #expect(largestError(actual, expected) < 1e-4)
        }
        #expect(zip(forward, example.groupNorm(example.x, threads: 3)).allSatisfy { isSame($0, $1) })
        #expect(zip(back, example.groupNormGradient(threads: 3)).allSatisfy { isSame($0, $1) })
    }
}

@Suite struct RMSNormTests {
    private func forward(_ x: [Float], _ gamma: [Float], rows: Int, columns: Int, threads: Int?) -> [[Float]] {
        three(rows * columns, rows, 0) { y, inverse, _ in
            guard let threads else {
                return Reference.rmsNorm(
                    x.span, gamma: gamma.span, into: &y, inverseRoot: &inverse, rows: rows, columns: columns,
                    epsilon: 1e-6)
            }
            rmsNorm(
                x.span, gamma: gamma.span, into: &y, inverseRoot: &inverse, rows: rows, columns: columns, epsilon: 1e-6,
                pool: ThreadPool(threads: threads))
        }
    }

    private func gradient(
        _ g: [Float], _ x: [Float], _ gamma: [Float], rows: Int, columns: Int, threads: Int?
    ) -> [[Float]] {
        let inverse = forward(x, gamma, rows: rows, columns: columns, threads: nil)[1]
        return three(rows * columns, columns, 0) { dx, dGamma, _ in
            guard let threads else {
                return Reference.rmsNormGradient(
                    g.span, x: x.span, gamma: gamma.span, inverseRoot: inverse.span, into: &dx, gammaGradient: &dGamma,
                    rows: rows, columns: columns)
            }
            rmsNormGradient(
                g.span, x: x.span, gamma: gamma.span, inverseRoot: inverse.span, into: &dx, gammaGradient: &dGamma,
                rows: rows, columns: columns, pool: ThreadPool(threads: threads))
        }
    }

    @Test(arguments: [(0, 5), (1, 1), (3, 15), (17, 65), (1500, 50)])
    func resultsAndGradientsMatchTheReference(rows: Int, columns: Int) {
        let (x, g) = (randomValues(rows * columns), randomValues(rows * columns, seed: 2))
        let gamma = randomValues(columns, seed: 3)
        let y = forward(x, gamma, rows: rows, columns: columns, threads: 1)
        let back = gradient(g, x, gamma, rows: rows, columns: columns, threads: 1)
        for (actual, expected) in zip(y, forward(x, gamma, rows: rows, columns: columns, threads: nil)) {
            #expect(largestError(actual, expected) < 1e-5)
        }
        for (actual, expected) in zip(back, gradient(g, x, gamma, rows: rows, columns: columns, threads: nil)) {
            #expect(largestError(actual, expected) < 5e-5)
        }
        let threaded = gradient(g, x, gamma, rows: rows, columns: columns, threads: 3)
        #expect(zip(back, threaded).allSatisfy { isSame($0, $1) })
    }

    @Test func gradientIsThatOfTheReferenceNumerically() {
        let (x, g, gamma) = (randomValues(40), randomValues(40, seed: 2), randomValues(10, seed: 3))
        let actual = gradient(g, x, gamma, rows: 4, columns: 10, threads: 1)[0]
        let error = largestGradientError(actual, of: x, step: 3e-3) {
            scalarProduct(forward($0, gamma, rows: 4, columns: 10, threads: nil)[0], g)
        }
        #expect(error < 2e-3)
    }
}
