// With few channels, and so for each group of a depthwise convolution, the convolutions are direct: nothing is unrolled into
// columns. Each image is copied into scratch memory with its padding, so that 16 neighbouring places of an output row read
// 16 consecutive numbers for each place of the window, and register tiles of up to 8 channels run over it. At LeNet-5's
// sizes this moves a tenth of the memory that columns and a matrix product would. With more channels they are products,
// and 3 × 3 windows at every place products of transformed tiles.

/// Convolves images: `output[i, o] = Σ_c input[i, c] ⋆ weight[o, c]` (a correlation, as everywhere in this field).
///
/// Shapes as in ``ConvolutionGeometry``. The images are spread over the pool. MindSpore: `Conv2D`.
public func convolve2D(
    _ input: Span<Float>, weight: Span<Float>, into output: inout MutableSpan<Float>,
    geometry: ConvolutionGeometry, pool: ThreadPool
) {
    require(input.count, of: "the input", is: geometry.inputCount)
    require(weight.count, of: "the weight", is: geometry.weightCount)
    require(output.count, of: "the output", is: geometry.outputCount)
    unsafe withAddresses(input, weight) { input, weight in
        unsafe output.withAddress { output in
            if geometry.suitsWinograd {
                let plan = WinogradConvolution(forward: geometry, threads: pool.threads)
                return unsafe plan.run(input, weight: weight, into: output, isGradient: false, pool: pool)
            }
            if geometry.suitsProducts {
                let plan = ProductConvolution(geometry, threads: pool.threads)
                return unsafe plan.run(input, weight: weight, into: output, isGradient: false, pool: pool)
            }
            let plan = DirectConvolution(forward: geometry)
            unsafe plan.run(input, weight: weight, into: output, batch: geometry.batch, pool: pool)
        }
    }
}

/// Computes the gradient of ``convolve2D(_:weight:into:geometry:pool:)`` with respect to its input.
///
/// `outputGradient` has the shape of the output, `inputGradient` that of the input. The images are spread over the
/// pool. MindSpore: `Conv2DBackpropInput`.
public func convolve2DInputGradient(
    _ outputGradient: Span<Float>, weight: Span<Float>, into inputGradient: inout MutableSpan<Float>,
    geometry: ConvolutionGeometry, pool: ThreadPool
) {
    require(outputGradient.count, of: "the output's gradient", is: geometry.outputCount)
    require(weight.count, of: "the weight", is: geometry.weightCount)
    require(inputGradient.count, of: "the input's gradient", is: geometry.inputCount)
    unsafe withAddresses(outputGradient, weight) { gradient, weight in
        unsafe inputGradient.withAddress { result in
            if geometry.suitsWinograd {
                let plan = WinogradConvolution(inputGradient: geometry, threads: pool.threads)
                return unsafe plan.run(
                    gradient, weight: weight, into: result, isGradient: true, pool: pool)
            }
            if geometry.suitsProducts {
                let plan = ProductConvolution(geometry, threads: pool.threads)
                return unsafe plan.run(
                    gradient, weight: weight, into: result, isGradient: true, pool: pool)
            }
            let plan = DirectConvolution(inputGradient: geometry)
            unsafe plan.run(gradient, weight: weight, into: result, batch: geometry.batch, pool: pool)
        }
    }
}

/// Computes the gradient of ``convolve2D(_:weight:into:geometry:pool:)`` with respect to its weight, summed over the
/// images in their order, whatever the number of threads.
///
/// `outputGradient` has the shape of the output, `weightGradient` that of the weight. The input channels are spread over
/// the pool. MindSpore: `Conv2DBackpropFilter`.
public func convolve2DWeightGradient(
    _ input: Span<Float>, outputGradient: Span<Float>, into weightGradient: inout MutableSpan<Float>,
    geometry: ConvolutionGeometry, pool: ThreadPool
) {
    require(input.count, of: "the input", is: geometry.inputCount)
    require(outputGradient.count, of: "the output's gradient", is: geometry.outputCount)
    require(weightGradient.count, of: "the weight's gradient", is: geometry.weightCount)
    unsafe withAddresses(input, outputGradient) { input, gradient in
        unsafe weightGradient.withAddress { result in
            if geometry.suitsWinograd {
                let plan = WinogradConvolution(forward: geometry, threads: 1)
                return unsafe plan.runWeightGradient(input, gradient: gradient, into: result, pool: pool)
            }
            if geometry.suitsProducts {
                let products = ProductConvolution(geometry, threads: pool.threads)
                let plan = WeightGradientProducts(products, threads: pool.threads)
                return unsafe plan.run(input, gradient: gradient, into: result, pool: pool)
            }
            let plan = ConvolutionWeightGradient(geometry)
            unsafe plan.run(input, gradient: gradient, into: result, pool: pool)
        }
    }
}
