public import Kernels

// Computed in double precision, then rounded once. What each function means stands at the kernel of the same name.
extension Reference {
    /// Moments of each channel, then the normalisation.
    public static func batchNorm(
        _ x: Span<Float>, gamma: Span<Float>, beta: Span<Float>, into y: inout MutableSpan<Float>,
        mean: inout MutableSpan<Float>, variance: inout MutableSpan<Float>, geometry: ChannelGeometry, epsilon: Float
    ) {
        for channel in 0..<geometry.channels {
            let places = geometry.places(of: channel)
            let values = places.map { Double(x[$0]) }
            let center = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count)
            let scale = Double(gamma[channel]) / (squares + Double(epsilon)).squareRoot()
            for place in places { y[place] = Float((Double(x[place]) - center) * scale + Double(beta[channel])) }
            (mean[channel], variance[channel]) = (Float(center), Float(squares))
        }
    }

    /// The gradients by the chain rule.
    public static func batchNormGradient(
        _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, mean: Span<Float>, variance: Span<Float>,
        into xGradient: inout MutableSpan<Float>, gammaGradient: inout MutableSpan<Float>,
        betaGradient: inout MutableSpan<Float>, geometry: ChannelGeometry, epsilon: Float
    ) {
        for channel in 0..<geometry.channels {
            let places = geometry.places(of: channel)
            let inverse = 1 / (Double(variance[channel]) + Double(epsilon)).squareRoot()
            let normals = places.map { (Double(x[$0]) - Double(mean[channel])) * inverse }
            let gradients = places.map { Double(gradient[$0]) }
            let total = gradients.reduce(0, +)
            let products = zip(gradients, normals).reduce(0) { $0 + $1.0 * $1.1 }
            let count = Double(places.count)
            for (index, place) in places.enumerated() {
                let own = gradients[index] - total / count - normals[index] * products / count
                xGradient[place] = Float(own * inverse * Double(gamma[channel]))
            }
            (gammaGradient[channel], betaGradient[channel]) = (Float(products), Float(total))
        }
    }

    /// Each image's groups as channels of a batch norm, with the scale of the channels.
    public static func groupNorm(
        _ x: Span<Float>, gamma: Span<Float>, beta: Span<Float>, into y: inout MutableSpan<Float>,
        mean: inout MutableSpan<Float>, variance: inout MutableSpan<Float>, geometry: ChannelGeometry, groups: Int,
        epsilon: Float
    ) {
        let size = geometry.channels / groups * geometry.plane
        for row in 0..<geometry.batch * groups {
            let places = row * size..<(row + 1) * size
            let center = places.reduce(0.0) { $0 + Double(x[$1]) } / Double(size)
            let squares = places.reduce(0.0) { $0 + (Double(x[$1]) - center) * (Double(x[$1]) - center) } / Double(size)
            for place in places {
                let channel = place / geometry.plane % geometry.channels
                let normal = (Double(x[place]) - center) / (squares + Double(epsilon)).squareRoot()
                y[place] = Float(normal * Double(gamma[channel]) + Double(beta[channel]))
            }
            (mean[row], variance[row]) = (Float(center), Float(squares))
        }
    }

    /// The gradients by the chain rule.
    public static func groupNormGradient(
        _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, mean: Span<Float>, variance: Span<Float>,
        into xGradient: inout MutableSpan<Float>, gammaGradient: inout MutableSpan<Float>,
        betaGradient: inout MutableSpan<Float>, geometry: ChannelGeometry, groups: Int, epsilon: Float
    ) {
        let size = geometry.channels / groups * geometry.plane
        var (gammas, betas) = (
            [Double](repeating: 0, count: geometry.channels), [Double](repeating: 0, count: geometry.channels)
        )
        for row in 0..<geometry.batch * groups {
            let inverse = 1 / (Double(variance[row]) + Double(epsilon)).squareRoot()
            var (shift, slope) = (0.0, 0.0)
            for place in row * size..<(row + 1) * size {
                let channel = place / geometry.plane % geometry.channels
                let normal = (Double(x[place]) - Double(mean[row])) * inverse
                gammas[channel] += Double(gradient[place]) * normal
                betas[channel] += Double(gradient[place])
                shift += Double(gradient[place]) * Double(gamma[channel]) / Double(size)
                slope += Double(gradient[place]) * Double(gamma[channel]) * normal / Double(size)
            }
            for place in row * size..<(row + 1) * size {
                let channel = place / geometry.plane % geometry.channels
                let normal = (Double(x[place]) - Double(mean[row])) * inverse
                let own = Double(gradient[place]) * Double(gamma[channel]) - shift - normal * slope
                xGradient[place] = Float(own * inverse)
            }
        }
        for i in gammas.indices { (gammaGradient[i], betaGradient[i]) = (Float(gammas[i]), Float(betas[i])) }
    }

    /// `x / √(mean(x²) + epsilon) · gamma`.
    public static func rmsNorm(
        _ x: Span<Float>, gamma: Span<Float>, into y: inout MutableSpan<Float>,
        inverseRoot: inout MutableSpan<Float>, rows: Int, columns: Int, epsilon: Float
    ) {
        for row in 0..<rows {
            let places = row * columns..<(row + 1) * columns
            let squares = places.reduce(0.0) { $0 + Double(x[$1]) * Double(x[$1]) } / Double(columns)
            let inverse = 1 / (squares + Double(epsilon)).squareRoot()
            for place in places { y[place] = Float(Double(x[place]) * inverse * Double(gamma[place % columns])) }
            inverseRoot[row] = Float(inverse)
        }
    }

    /// The gradients by the chain rule.
    public static func rmsNormGradient(
        _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, inverseRoot: Span<Float>,
        into xGradient: inout MutableSpan<Float>, gammaGradient: inout MutableSpan<Float>, rows: Int, columns: Int
    ) {
        var gammas = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            let inverse = Double(inverseRoot[row])
            var slope = 0.0
            for j in 0..<columns {
                let (g, normal) = (Double(gradient[row * columns + j]), Double(x[row * columns + j]) * inverse)
                gammas[j] += g * normal
                slope += g * Double(gamma[j]) * normal / Double(columns)
            }
            for j in 0..<columns {
                let (g, normal) = (Double(gradient[row * columns + j]), Double(x[row * columns + j]) * inverse)
                xGradient[row * columns + j] = Float((g * Double(gamma[j]) - normal * slope) * inverse)
            }
        }
        for j in 0..<columns { gammaGradient[j] = Float(gammas[j]) }
    }
}

extension ChannelGeometry {
    /// The places of a channel's elements.
    fileprivate func places(of channel: Int) -> [Int] {
        (0..<batch).flatMap { image in
            let start = (image * channels + channel) * plane
            return start..<start + plane
        }
    }
}
