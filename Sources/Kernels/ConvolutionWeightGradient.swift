/// The gradient of a convolution with respect to its weight, as its loops see it.
///
/// A *unit* of work is one input channel and some of its taps, for all output channels of its group and all images. Each element of
/// the result is summed by one unit in one order, so the way they are cut does not show in the result.
struct ConvolutionWeightGradient {
    let geometry: ConvolutionGeometry

    /// A channel of an input image in scratch memory.
    let inputPlane: StagedPlane

    init(_ geometry: ConvolutionGeometry) {
        self.geometry = geometry
        inputPlane = StagedPlane(height: geometry.height, width: geometry.width)
    }

    /// Computes the gradient, the units spread over the pool.
    func run(
        _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        // Whole channels, for staging one costs about as much as one tap; kernel rows if there are too few.
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

        /// Scratch memory: a lane of sums for each element of the result, a channel of an input image, and an image's
        /// gradient with room behind it.
        var scratchCount: Int {
            unsafe sumsCount + plan.inputPlane.count + gradientCount + Lanes.scalarCount
        }

        /// The gradient of one group of one image.
        private var gradientCount: Int { unsafe plan.geometry.outputsOfGroup * plan.geometry.outputPlane }

        private var sumsCount: Int {
            unsafe (tapsPerUnit + tapsPerUnit % 2) * plan.geometry.outputsOfGroup * Lanes.scalarCount
        }

        func run(_ unit: Int, scratch: UnsafeMutablePointer<Float>) {
            let geometry = unsafe plan.geometry
            let channel = unsafe unit / parts
            let (group, inputOfGroup) = channel.quotientAndRemainder(dividingBy: geometry.inputsOfGroup)
            let firstTap = unsafe unit % parts * tapsPerUnit
            let staged = unsafe scratch + sumsCount
            unsafe scratch.update(repeating: 0, count: sumsCount)

            for image in 0..<geometry.batch {
                unsafe plan.inputPlane.fill(
                    staged, from: input + (image * geometry.inputChannels + channel) * geometry.inputPlane)
                let place = image * geometry.groups + group
                var gradients = unsafe gradient + place * gradientCount
                if unsafe (geometry.batch * geometry.groups - 1 - place) * gradientCount < Lanes.scalarCount {
                    // The last lanes of a row reach beyond it, of the last row beyond the image: of the last image beyond the
                    // gradient, and of those before it too, if all that follows is less than that.
                    let copy = unsafe staged + plan.inputPlane.count
                    unsafe copy.update(from: gradients, count: gradientCount)
                    unsafe (copy + gradientCount).update(repeating: 0, count: Lanes.scalarCount)
                    unsafe gradients = UnsafePointer(copy)
                }
                unsafe plan.add(gradients, staged, taps: firstTap..<firstTap + tapsPerUnit, to: scratch)
            }

            // Reduction tree: one lane of sums is one element.
            for tap in unsafe 0..<tapsPerUnit {
                for output in 0..<geometry.outputsOfGroup {
                    let lanes = unsafe Lanes(at: scratch + (tap * geometry.outputsOfGroup + output) * Lanes.scalarCount)
                    let kernel = (group * geometry.outputsOfGroup + output) * geometry.inputsOfGroup + inputOfGroup
                    let place = kernel * geometry.taps + firstTap + tap
                    unsafe result[place] = lanes.sumOfLanes
                }
            }
        }
    }

    /// Adds the products of one image to the lanes of sums, which lie as [taps, output channels].
    private func add(
        _ gradients: UnsafePointer<Float>, _ staged: UnsafePointer<Float>, taps: Range<Int>,
        to sums: UnsafeMutablePointer<Float>
    ) {
        forEachChannelBlock(of: geometry.outputsOfGroup) { output, count in
            for tap in stride(from: taps.lowerBound, to: taps.upperBound, by: 2) {
                // An odd last tap is paired with itself; the sums of that second one are kept aside and not read.
                let next = min(tap + 1, taps.upperBound - 1)
                let pair = unsafe TapPair(
                    gradients: gradients + output * geometry.outputPlane,
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
        (tap * geometry.outputsOfGroup + output) * Lanes.scalarCount
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
        let (width, plane) = (plan.geometry.width.output, plan.geometry.outputPlane)
        let inRow = lanesBelow(width & (Lanes.scalarCount - 1))
        for row in 0..<rows {
            var column = 0
            while column < width {
                let input = row &* rowStep &+ column
                let firstInput = unsafe Lanes(at: taps.first + input)
                let secondInput = unsafe Lanes(at: taps.second + input)
                let gradient = unsafe taps.gradients + (row &* width &+ column)
                let mask = width &- column < Lanes.scalarCount ? inRow : SIMD16(repeating: -1)
                for channel in 0..<channels {
                    let lanes = unsafe Lanes(bits: Lanes(at: gradient + channel &* plane).bits & mask)
                    unsafe first[unchecked: channel] = first[unchecked: channel].plus(lanes, times: firstInput)
                    unsafe second[unchecked: channel] = second[unchecked: channel].plus(lanes, times: secondInput)
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

    /// All bits in the first `count` lanes, none in the others.
    @inline(__always)
    private static func lanesBelow(_ count: Int) -> SIMD16<Int32> {
        (SIMD16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) &- Int32(truncatingIfNeeded: count)) &>> 31
    }

    @inline(__always)
    private static func add(_ lanes: Lanes, to sums: UnsafeMutablePointer<Float>) {
        unsafe (Lanes(at: sums) + lanes).store(to: sums)
    }
}
