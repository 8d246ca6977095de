extension Reference {
    /// Seven loops; the sum in double precision.
    public static func convolve2D(
        _ input: Span<Float>, weight: Span<Float>, into output: inout MutableSpan<Float>, geometry: ConvolutionGeometry
    ) {
        var sums = [Double](repeating: 0, count: geometry.outputCount)
        forEachProduct(of: geometry) { inputPlace, weightPlace, outputPlace in
            sums[outputPlace] += Double(input[inputPlace]) * Double(weight[weightPlace])
        }
        for i in sums.indices { output[i] = Float(sums[i]) }
    }

    /// The same loops, each product's gradient sent to its input.
    public static func convolve2DInputGradient(
        _ outputGradient: Span<Float>, weight: Span<Float>, into inputGradient: inout MutableSpan<Float>,
        geometry: ConvolutionGeometry
    ) {
        var sums = [Double](repeating: 0, count: geometry.inputCount)
        forEachProduct(of: geometry) { input, weightPlace, output in
            sums[input] += Double(outputGradient[output]) * Double(weight[weightPlace])
        }
        for i in sums.indices { inputGradient[i] = Float(sums[i]) }
    }

    /// The same loops, each product's gradient sent to its weight.
    public static func convolve2DWeightGradient(
        _ input: Span<Float>, outputGradient: Span<Float>, into weightGradient: inout MutableSpan<Float>,
        geometry: ConvolutionGeometry
    ) {
        var sums = [Double](repeating: 0, count: geometry.weightCount)
        forEachProduct(of: geometry) { inputPlace, weight, output in
            sums[weight] += Double(input[inputPlace]) * Double(outputGradient[output])
        }
        for i in sums.indices { weightGradient[i] = Float(sums[i]) }
    }

    /// Calls `body` with the places of the input, the weight and the output of every product in a convolution.
    private static func forEachProduct(
        of geometry: ConvolutionGeometry, _ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void
    ) {
        let (height, width) = (geometry.height, geometry.width)
        for image in 0..<geometry.batch {
            for outputChannel in 0..<geometry.outputChannels {
                let firstInput = outputChannel / geometry.outputsOfGroup * geometry.inputsOfGroup
                for input in 0..<geometry.inputsOfGroup {
                    let kernel = (outputChannel * geometry.inputsOfGroup + input) * geometry.taps
                    let source = (image * geometry.inputChannels + firstInput + input) * geometry.inputPlane
                    let target = (image * geometry.outputChannels + outputChannel) * geometry.outputPlane
                    for row in 0..<height.output {
                        for column in 0..<width.output {
                            forEachTap(of: geometry, row: row, column: column) { place, tap in
                                body(source + place, kernel + tap, target + row * width.output + column)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Calls `body` with the place in the input plane and the tap of all that a window sees of the input.
    private static func forEachTap(
        of geometry: ConvolutionGeometry, row: Int, column: Int, _ body: (_ place: Int, _ tap: Int) -> Void
    ) {
        let (height, width) = (geometry.height, geometry.width)
        for kernelRow in 0..<height.kernel {
            let y = row * height.stride + kernelRow * height.dilation - height.paddingBefore
            guard (0..<height.input).contains(y) else { continue }
            for kernelColumn in 0..<width.kernel {
                let x = column * width.stride + kernelColumn * width.dilation - width.paddingBefore
                guard (0..<width.input).contains(x) else { continue }
                body(y * width.input + x, kernelRow * width.kernel + kernelColumn)
            }
        }
    }
}
