extension Reference {
    /// The first of the largest of each window, and its place in the plane.
    public static func maxPool2D(
        _ input: Span<Float>, into output: inout MutableSpan<Float>, indices: inout MutableSpan<Int32>,
        geometry: PoolingGeometry
    ) {
        let (height, width) = (geometry.height, geometry.width)
        for place in 0..<geometry.outputCount {
            let source = place / geometry.outputPlane * geometry.inputPlane
            let top = place % geometry.outputPlane / width.output * height.stride - height.paddingBefore
            let left = place % width.output * width.stride - width.paddingBefore
            var best: Int?
            for y in max(top, 0)..<min(top + height.kernel, height.input) {
                for x in max(left, 0)..<min(left + width.kernel, width.input) {
                    let value = input[source + y * width.input + x]
                    let largest = best.map { input[source + $0] } ?? -.infinity
                    guard best == nil || value > largest || (value.isNaN && !largest.isNaN) else { continue }
                    best = y * width.input + x
                }
            }
            guard let best else { continue }
            output[place] = input[source + best]
            indices[place] = Int32(best)
        }
    }

    /// Each output's gradient added to the place its value came from.
    public static func maxPool2DGradient(
        _ outputGradient: Span<Float>, indices: Span<Int32>, into inputGradient: inout MutableSpan<Float>,
        geometry: PoolingGeometry
    ) {
        for i in 0..<inputGradient.count { inputGradient[i] = 0 }
        for place in 0..<geometry.outputCount {
            let source = place / geometry.outputPlane * geometry.inputPlane
            inputGradient[source + Int(indices[place])] += outputGradient[place]
        }
    }
}
