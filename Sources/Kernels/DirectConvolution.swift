/// A convolution as its loops see it: what they read, how the window moves, and where each weight lies.
///
/// Forward and input gradient are the same loops. The gradient's window runs over the output's gradients with the
/// kernels reversed and the channels exchanged, both of which are steps through the weight, not copies of it.
struct DirectConvolution {
    /// A channel of what the window slides over, in scratch memory.
    let plane: StagedPlane

    /// The number of elements of a channel before it is staged.
    let sourcePlane: Int

    /// The number of groups; the channels are those of one.
    let groups: Int

    let inputChannels: Int
    let outputChannels: Int
    let outputHeight: Int
    let outputWidth: Int

    /// How many staged rows the window moves down at a time.
    let rowStep: Int

    let kernelHeight: Int
    let kernelWidth: Int
    let rowDilation: Int
    let columnDilation: Int

    /// Where the weight of the first tap lies, and the steps to the next tap, input and output channel.
    let firstWeight: Int
    let tapStep: Int
    let inputStep: Int
    let outputStep: Int

    /// The convolution itself.
    init(forward geometry: ConvolutionGeometry) {
        plane = StagedPlane(height: geometry.height, width: geometry.width)
        sourcePlane = geometry.inputPlane
        groups = geometry.groups
        (inputChannels, outputChannels) = (geometry.inputsOfGroup, geometry.outputsOfGroup)
        (outputHeight, outputWidth) = (geometry.height.output, geometry.width.output)
        rowStep = geometry.height.stride
        (kernelHeight, kernelWidth) = (geometry.height.kernel, geometry.width.kernel)
        (rowDilation, columnDilation) = (geometry.height.dilation, geometry.width.dilation)
        firstWeight = 0
        tapStep = 1
        inputStep = geometry.taps
        outputStep = geometry.inputsOfGroup * geometry.taps
    }

    /// The convolution of the output's gradients that gives the input's gradient.
    init(inputGradient geometry: ConvolutionGeometry) {
        plane = StagedPlane(gradientOf: geometry.height, geometry.width)
        sourcePlane = geometry.outputPlane
        groups = geometry.groups
        (inputChannels, outputChannels) = (geometry.outputsOfGroup, geometry.inputsOfGroup)
        (outputHeight, outputWidth) = (geometry.height.input, geometry.width.input)
        rowStep = 1
        (kernelHeight, kernelWidth) = (geometry.height.kernel, geometry.width.kernel)
        (rowDilation, columnDilation) = (geometry.height.dilation, geometry.width.dilation)
        firstWeight = geometry.taps - 1
        tapStep = -1
        inputStep = geometry.inputsOfGroup * geometry.taps
        outputStep = geometry.taps
    }

    /// Convolves `batch` images, spread over the pool.
    func run(
        _ input: UnsafePointer<Float>, weight: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
        batch: Int, pool: ThreadPool
    ) {
        let work = unsafe Work(plan: self, input: input, weight: weight, output: output, pool: pool)
        // A group of an image lies in memory like an image of its own.
        unsafe pool.forEach(batch * groups, with: work) { work, index in
            unsafe work.pool.withScratch(work.scratchCount) { scratch in
                unsafe scratch.withAddress { unsafe work.run(index, scratch: $0) }
            }
        }
    }

    /// What every thread of the pool needs to know.
    @unsafe private struct Work {
        let plan: DirectConvolution
        let input: UnsafePointer<Float>
        let weight: UnsafePointer<Float>
        let output: UnsafeMutablePointer<Float>
        let pool: ThreadPool

        /// Scratch memory: the sums of the largest tile, and one image.
        var scratchCount: Int {
            unsafe Self.sumsCount + plan.inputChannels * plan.plane.count
        }

        private static var sumsCount: Int { 2 * 8 * Lanes.scalarCount }

        /// Convolves one group of one image.
        func run(_ image: Int, scratch: UnsafeMutablePointer<Float>) {
            let staged = unsafe scratch + Self.sumsCount
            for channel in unsafe 0..<plan.inputChannels {
                unsafe plan.plane.fill(
                    staged + channel * plan.plane.count,
                    from: input + (image * plan.inputChannels + channel) * plan.sourcePlane)
            }
            let outputPlane = unsafe plan.outputHeight * plan.outputWidth
            let first = unsafe output + image * plan.outputChannels * outputPlane
            let taps = unsafe plan.kernelHeight * plan.kernelWidth
            let kernels = unsafe weight + image % plan.groups * plan.inputChannels * plan.outputChannels * taps
            unsafe forEachChannelBlock(of: plan.outputChannels) { channel, count in
                let weights = unsafe kernels + plan.firstWeight + channel * plan.outputStep
                let output = unsafe first + channel * outputPlane
                switch count {
                case 8: unsafe ConvolutionTile<8>.run(plan, staged, weights, sums: scratch, into: output)
                case 6: unsafe ConvolutionTile<6>.run(plan, staged, weights, sums: scratch, into: output)
                case 4: unsafe ConvolutionTile<4>.run(plan, staged, weights, sums: scratch, into: output)
                case 2: unsafe ConvolutionTile<2>.run(plan, staged, weights, sums: scratch, into: output)
                default: unsafe ConvolutionTile<1>.run(plan, staged, weights, sums: scratch, into: output)
                }
            }
        }
    }
}

/// Splits channels into blocks of 8, 6, 4, 2 and 1, the sizes of register tiles there are.
///
/// Eight channels of two lanes each take 16 registers, which leaves room for what is loaded; six is LeNet-5's first layer.
@inline(__always)
func forEachChannelBlock(of channels: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    var first = 0
    while first < channels {
        let left = channels - first
        let count = left >= 8 ? 8 : left >= 6 ? 6 : left >= 4 ? 4 : left >= 2 ? 2 : 1
        body(first, count)
        first += count
    }
}
