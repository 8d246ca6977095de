/// The gradient of a convolution with respect to its weight, as its loops see it.
///
/// A *unit* of work is one input channel and some of its taps, for all output channels and all images. Each element of
/// the result is summed by one unit in one order, so the way they are cut does not show in the result.
struct ConvolutionWeightGradient {
    let geometry: ConvolutionGeometry

    /// A channel of an input image in scratch memory.
    let inputPlane: StagedPlane

    /// The length of a row of the output's gradient in scratch memory, where zeros fill its last lanes.
    let pitch: Int

    /// The number of floats of a channel of the output's gradient in scratch memory.
    let gradientPlane: Int

    init(_ geometry: ConvolutionGeometry) {
        self.geometry = geometry
        inputPlane = StagedPlane(height: geometry.height, width: geometry.width)
        pitch = wholeLanes(geometry.width.output)
        gradientPlane = geometry.height.output * pitch
    }

    /// Computes the gradient, the units spread over the pool.
    func run(
        _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        // Whole channels, for staging a gradient costs about as much as one tap; kernel rows if there are too few.
        let parts = geometry.inputChannels >= pool.threads ? 1 : geometry.height.kernel
        let work = unsafe Work(
            plan: self, parts: parts, input: input, gradient: gradient, result: result, pool: pool)
        unsafe pool.forEach(geometry.inputChannels * parts, with: work) { work, unit in
            unsafe work.pool.withScratch(work.scratchCount) { scratch in
                unsafe scratch.withAddress { unsafe work.run(unit, scratch: $0) }
            }
        }
    }

    /// What every thread of the pool needs to know.
    @unsafe private struct Work {
        let plan: ConvolutionWeightGradient
        let parts: Int
        let input: UnsafePointer<Float>
        let gradient: UnsafePointer<Float>
        let result: UnsafeMutablePointer<Float>
        let pool: ThreadPool

        /// The taps of a unit.
        var tapsPerUnit: Int { unsafe plan.geometry.taps / parts }

        /// Scratch memory: a lane of sums for each element of the result, and one image of each side.
        var scratchCount: Int {
            unsafe sumsCount + plan.geometry.outputChannels * plan.gradientPlane + plan.inputPlane.count
        }

        private var sumsCount: Int {
            unsafe (tapsPerUnit + tapsPerUnit % 2) * plan.geometry.outputChannels * Lanes.scalarCount
        }

        func run(_ unit: Int, scratch: UnsafeMutablePointer<Float>) {
            let geometry = unsafe plan.geometry
            let channel = unsafe unit / parts
            let firstTap = unsafe unit % parts * tapsPerUnit
            let gradients = unsafe scratch + sumsCount
            let staged = unsafe gradients + geometry.outputChannels * plan.gradientPlane
            unsafe scratch.update(repeating: 0, count: sumsCount)

            for image in 0..<geometry.batch {
                unsafe plan.inputPlane.fill(
                    staged, from: input + (image * geometry.inputChannels + channel) * geometry.inputPlane)
                unsafe plan.stageGradients(
                    of: gradient + image * geometry.outputChannels * geometry.outputPlane, to: gradients)
                unsafe plan.add(gradients, staged, taps: firstTap..<firstTap + tapsPerUnit, to: scratch)
            }

            // Reduction tree: one lane of sums is one element.
            for tap in unsafe 0..<tapsPerUnit {
                for output in 0..<geometry.outputChannels {
                    let lanes = unsafe Lanes(at: scratch + (tap * geometry.outputChannels + output) * Lanes.scalarCount)
                    let place = (output * geometry.inputChannels + channel) * geometry.taps + firstTap + tap
                    unsafe result[place] = lanes.sumOfLanes
                }
            }
        }
    }

    /// Copies the output's gradients of one image to scratch memory, each row in whole lanes.
    private func stageGradients(of image: UnsafePointer<Float>, to staged: UnsafeMutablePointer<Float>) {
        let width = geometry.width.output
        for row in 0..<geometry.outputChannels * geometry.height.output {
            forEachLanes(of: width) { column, count in
                unsafe Lanes(at: image + row * width + column, width: count).store(to: staged + row * pitch + column)
            }
        }
    }

    /// Adds the products of one image to the lanes of sums, which lie as [taps, output channels].
    private func add(
        _ gradients: UnsafePointer<Float>, _ staged: UnsafePointer<Float>, taps: Range<Int>,
        to sums: UnsafeMutablePointer<Float>
    ) {
        forEachChannelBlock(of: geometry.outputChannels) { output, count in
            for tap in stride(from: taps.lowerBound, to: taps.upperBound, by: 2) {
                // An odd last tap is paired with itself; the sums of that second one are kept aside and not read.
                let next = min(tap + 1, taps.upperBound - 1)
                let pair = unsafe TapPair(
                    gradients: gradients + output * gradientPlane,
                    first: staged + offset(ofTap: tap), second: staged + offset(ofTap: next),
                    firstSums: sums + lane(tap - taps.lowerBound, output),
                    secondSums: sums + lane(tap + 1 - taps.lowerBound, output))
                switch count {
                case 8: unsafe WeightGradientTile<8>.run(self, pair)
                case 6: unsafe WeightGradientTile<6>.run(self, pair)
                case 4: unsafe WeightGradientTile<4>.run(self, pair)
                case 2: unsafe WeightGradientTile<2>.run(self, pair)
                default: unsafe WeightGradientTile<1>.run(self, pair)
                }
            }
        }
    }

    private func lane(_ tap: Int, _ output: Int) -> Int {
        (tap * geometry.outputChannels + output) * Lanes.scalarCount
    }

    private func offset(ofTap tap: Int) -> Int {
        let (row, column) = tap.quotientAndRemainder(dividingBy: geometry.width.kernel)
        return row * geometry.height.dilation * inputPlane.rowLength
            + inputPlane.offset(ofColumn: column * geometry.width.dilation)
    }
}

/// Two taps of the window, what they read and where their sums are kept.
@unsafe struct TapPair {
    let gradients: UnsafePointer<Float>
    let first: UnsafePointer<Float>
    let second: UnsafePointer<Float>
    let firstSums: UnsafeMutablePointer<Float>
    let secondSums: UnsafeMutablePointer<Float>
}

/// The inner loops of the weight's gradient for a block of output channels and two taps, whose sums stay in registers
/// (see ``ConvolutionTile``).
enum WeightGradientTile<let channels: Int> {
    /// Adds the products of one image.
    static func run(_ plan: ConvolutionWeightGradient, _ taps: TapPair) {
        var first = InlineArray<channels, Lanes>(repeating: .zero)
        var second = InlineArray<channels, Lanes>(repeating: .zero)
        let (rows, rowStep) = (plan.geometry.height.output, plan.geometry.height.stride &* plan.inputPlane.rowLength)
        let (pitch, gradientPlane) = (plan.pitch, plan.gradientPlane)
        for row in 0..<rows {
            var column = 0
            while column < pitch {
                let input = row &* rowStep &+ column
                let firstInput = unsafe Lanes(at: taps.first + input)
                let secondInput = unsafe Lanes(at: taps.second + input)
                let gradient = unsafe taps.gradients + (row &* pitch &+ column)
                for channel in 0..<channels {
                    let lanes = unsafe Lanes(at: gradient + channel &* gradientPlane)
                    unsafe first[unchecked: channel] += lanes * firstInput
                    unsafe second[unchecked: channel] += lanes * secondInput
                }
                column &+= Lanes.scalarCount
            }
        }
        for channel in 0..<channels {
            let place = channel &* Lanes.scalarCount
            unsafe add(first[unchecked: channel], to: taps.firstSums + place)
            unsafe add(second[unchecked: channel], to: taps.secondSums + place)
        }
    }

    @inline(__always)
    private static func add(_ lanes: Lanes, to sums: UnsafeMutablePointer<Float>) {
        unsafe (Lanes(at: sums) + lanes).store(to: sums)
    }
}
