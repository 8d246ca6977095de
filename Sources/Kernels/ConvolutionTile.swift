/// The inner loops of a convolution for a block of output channels whose sums stay in registers.
///
/// Sums stay there only while the compiler can name each one: the loops over the channels have a constant count, no way
/// out but their end (hence the unchecked arithmetic) and nothing in them that is too long to be unrolled.
enum ConvolutionTile<let channels: Int> {
    /// Computes the planes of the block: two rows of 16 places at a time, all channels of the block.
    ///
    /// `sums` has room for two lanes a channel.
    static func run(
        _ plan: DirectConvolution, _ staged: UnsafePointer<Float>, _ weight: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<Float>
    ) {
        let (height, width) = (plan.outputHeight, plan.outputWidth)
        let rowStep = plan.rowStep * plan.plane.rowLength
        for row in stride(from: 0, to: height, by: 2) {
            // The last tile of an odd height computes its row twice, and the last lanes of a row overlap those before:
            // each result still sums in the same order, and no tile needs to know about edges.
            let next = min(row + 1, height - 1)
            for lanes in stride(from: 0, to: width, by: Lanes.scalarCount) {
                let column = min(lanes, max(width - Lanes.scalarCount, 0))
                let start = unsafe staged + row * rowStep + column
                unsafe sum(plan, start, step: (next - row) * rowStep, weight, to: sums)
                for channel in 0..<channels {
                    let target = unsafe output + channel * height * width + column
                    let pair = unsafe sums + 2 * channel * Lanes.scalarCount
                    unsafe Lanes(at: pair).store(to: target + row * width, width: width)
                    unsafe Lanes(at: pair + Lanes.scalarCount).store(to: target + next * width, width: width)
                }
            }
        }
    }

    /// Sums over all input channels and taps, for two rows `step` apart.
    @inline(__always)
    private static func sum(
        _ plan: DirectConvolution, _ start: UnsafePointer<Float>, step: Int, _ weight: UnsafePointer<Float>,
        to sums: UnsafeMutablePointer<Float>
    ) {
        var upper = InlineArray<channels, Lanes>(repeating: .zero)
        var lower = InlineArray<channels, Lanes>(repeating: .zero)
        let (plane, columnDilation) = (plan.plane, plan.columnDilation)
        let (tapStep, outputStep) = (plan.tapStep, plan.outputStep)
        for input in 0..<plan.inputChannels {
            var tap = unsafe weight + input &* plan.inputStep
            for kernelRow in 0..<plan.kernelHeight {
                let row = unsafe start + (input &* plane.count &+ kernelRow &* plan.rowDilation &* plane.rowLength)
                for kernelColumn in 0..<plan.kernelWidth {
                    let place = unsafe row + plane.offset(ofColumn: kernelColumn &* columnDilation)
                    let first = unsafe Lanes(at: place)
                    let second = unsafe Lanes(at: place + step)
                    for channel in 0..<channels {
                        let factor = unsafe tap[channel &* outputStep]
                        unsafe upper[unchecked: channel] = upper[unchecked: channel].plus(factor, times: first)
                        unsafe lower[unchecked: channel] = lower[unchecked: channel].plus(factor, times: second)
                    }
                    unsafe tap += tapStep
                }
            }
        }
        for channel in 0..<channels {
            let pair = unsafe sums + 2 &* channel &* Lanes.scalarCount
            unsafe upper[unchecked: channel].store(to: pair)
            unsafe lower[unchecked: channel].store(to: pair + Lanes.scalarCount)
        }
    }
}
