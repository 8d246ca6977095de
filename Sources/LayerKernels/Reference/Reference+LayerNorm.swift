public import Kernels

// Computed in double precision, then rounded once.
extension Reference {
    /// See ``layerNorm(_:gamma:beta:into:mean:inverseDeviation:rows:columns:epsilon:pool:)``.
    public static func layerNorm(
        _ x: Span<Float>, gamma: Span<Float>, beta: Span<Float>, into y: inout MutableSpan<Float>,
        mean: inout MutableSpan<Float>, inverseDeviation: inout MutableSpan<Float>,
        rows: Int, columns: Int, epsilon: Float
    ) {
        for row in 0..<rows {
            let elements = row * columns..<(row + 1) * columns
            let center = elements.reduce(0.0) { $0 + Double(x[$1]) } / Double(columns)
            let squares = elements.reduce(0.0) { $0 + (Double(x[$1]) - center) * (Double(x[$1]) - center) }
            let inverse = 1 / (squares / Double(columns) + Double(epsilon)).squareRoot()
            for i in elements {
                let normal = (Double(x[i]) - center) * inverse
                y[i] = Float(normal * Double(gamma[i % columns]) + Double(beta[i % columns]))
            }
            (mean[row], inverseDeviation[row]) = (Float(center), Float(inverse))
        }
    }

    /// See ``layerNormGradient(_:x:gamma:mean:inverseDeviation:into:gammaGradient:betaGradient:rows:columns:pool:)``.
    public static func layerNormGradient(
        _ gradient: Span<Float>, x: Span<Float>, gamma: Span<Float>, mean: Span<Float>, inverseDeviation: Span<Float>,
        into xGradient: inout MutableSpan<Float>, gammaGradient: inout MutableSpan<Float>,
        betaGradient: inout MutableSpan<Float>, rows: Int, columns: Int
    ) {
        var gammaSums = [Double](repeating: 0, count: columns)
        var betaSums = gammaSums
        for row in 0..<rows {
            let inverse = Double(inverseDeviation[row])
            let normals = (0..<columns).map { (Double(x[row * columns + $0]) - Double(mean[row])) * inverse }
            let d = (0..<columns).map { Double(gradient[row * columns + $0]) * Double(gamma[$0]) }
            let shift = d.reduce(0, +) / Double(columns)
            let slope = zip(d, normals).reduce(0) { $0 + $1.0 * $1.1 } / Double(columns)
            for j in 0..<columns {
                gammaSums[j] += Double(gradient[row * columns + j]) * normals[j]
                betaSums[j] += Double(gradient[row * columns + j])
                xGradient[row * columns + j] = Float(inverse * (d[j] - shift - normals[j] * slope))
            }
        }
        for j in 0..<columns { (gammaGradient[j], betaGradient[j]) = (Float(gammaSums[j]), Float(betaSums[j])) }
    }
}
