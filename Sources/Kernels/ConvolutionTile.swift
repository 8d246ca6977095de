/// The inner loops of a convolution for a block of output channels whose sums stay in registers.
enum ConvolutionTile<let channels: Int> {
    /// Computes the planes of the block: two rows of 16 places at a time, all channels of the block.
    static func run(
        _ plan: DirectConvolution, _ staged: UnsafePointer<Float>, _ weight: UnsafePointer<Float>,
        into output: UnsafeMutablePointer<Float>
    ) {
        let (height, width) = (plan.outputHeight, plan.outputWidth)
        for row in stride(from: 0, to: height, by: 2) {
            // The last tile of an odd height computes its row twice, and the last lanes of a row overlap those before:
            // each result still sums in the same order, and no tile needs to know about edges.
            let next = min(row + 1, height - 1)
            for lanes in stride(from: 0, to: width, by: Lanes.scalarCount) {
                let column = min(lanes, max(width - Lanes.scalarCount, 0))
                let start = unsafe staged + row * plan.rowStep * plan.plane.rowLength + column
                let step = (next - row) * plan.rowStep * plan.plane.rowLength
                let sums = unsafe sums(plan, start, step: step, weight)
                for channel in 0..<channels {
                    let target = unsafe output + channel * height * width + column
                    unsafe sums.upper[channel].store(to: target + row * width, width: width)
                    unsafe sums.lower[channel].store(to: target + next * width, width: width)
                }
            }
        }
    }

    /// The sums over all input channels and taps, for two rows `step` apart.
    @inline(__always)
    private static func sums(
        _ plan: DirectConvolution, _ start: UnsafePointer<Float>, step: Int, _ weight: UnsafePointer<Float>
    ) -> (upper: InlineArray<channels, Lanes>, lower: InlineArray<channels, Lanes>) {
        var upper = InlineArray<channels, Lanes>(repeating: .zero)
        var lower = InlineArray<channels, Lanes>(repeating: .zero)
        // Unchecked arithmetic in the innermost loop: only a loop without other exits is unrolled into registers.
        let outputStep = plan.outputStep
        for input in 0..<plan.inputChannels {
            var tap = unsafe weight + input * plan.inputStep
            for kernelRow in 0..<plan.kernelHeight {
                let row = unsafe start + input * plan.plane.count + kernelRow * plan.rowDilation * plan.plane.rowLength
                for kernelColumn in 0..<plan.kernelWidth {
                    let place = unsafe row + plan.plane.offset(ofColumn: kernelColumn * plan.columnDilation)
                    let first = unsafe Lanes(at: place)
                    let second = unsafe Lanes(at: place + step)
                    for channel in 0..<channels {
                        let factor = unsafe Lanes(repeating: tap[channel &* outputStep])
                        unsafe upper[unchecked: channel].addProduct(first, factor)
                        unsafe lower[unchecked: channel].addProduct(second, factor)
                    }
                    unsafe tap += plan.tapStep
                }
            }
        }
        return (upper, lower)
    }
}
