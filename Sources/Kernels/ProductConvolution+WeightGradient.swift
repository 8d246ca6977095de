/// The gradient of a convolution with respect to its weight, as matrix products: the output's gradients of a group, [outputs,
/// places], times the transposed columns, [places, taps · inputs], summed over the images in their order.
///
/// A block of input channels is staged with the channels last: then a row of a panel, one place of some taps, is read end to
/// end. A *unit* of work is one such block, for all images: how the channels are cut does not show in the result.
struct WeightGradientProducts {
    let geometry: ConvolutionGeometry

    /// The input channels of a unit.
    let channelBlock: Int

    /// The rows and columns of a staged image.
    let rows: Int
    let columns: Int

    init(_ plan: ProductConvolution, threads: Int) {
        geometry = plan.geometry
        // Panels of some 576 columns, 256 deep, are about half of the second-level cache.
        var block = max(Tile.columns, 576 / geometry.taps / Tile.columns * Tile.columns)
        let (inputs, groups) = (geometry.inputsOfGroup, geometry.groups)
        while block > Tile.columns && (inputs + block - 1) / block * groups < threads {
            block = max(Tile.columns, block / 2)
        }
        channelBlock = min(block, geometry.inputsOfGroup)
        rows = (geometry.height.output - 1) * geometry.height.stride + geometry.height.extent
        columns = (geometry.width.output - 1) * geometry.width.stride + geometry.width.extent
    }

    /// The units of a group.
    var blocks: Int { (geometry.inputsOfGroup + channelBlock - 1) / channelBlock }

    /// The places that are summed at a time: some whole images, or some rows of one.
    var imageBlock: Int { max(1, ProductConvolution.depthBlock / geometry.outputPlane) }

    var rowBlock: Int {
        min(geometry.height.output, max(1, ProductConvolution.depthBlock / geometry.width.output))
    }

    /// The floats of a staged image.
    var stagedCount: Int { rows * columns * channelBlock }

    /// Computes the gradient, the units spread over the pool.
    func run(
        _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        let work = unsafe WeightGradientWork(plan: self, input: input, gradient: gradient, result: result, pool: pool)
        unsafe pool.forEach(geometry.groups * blocks, with: work) { work, unit in unsafe work.run(unit) }
    }
}

/// The places that are summed at a time: some rows of some images.
private struct PlaceBlock {
    let images: Range<Int>
    let rows: Range<Int>

    /// The number of places of an output row.
    let width: Int

    /// The places of an image.
    var placesOfImage: Int { rows.count * width }

    /// The places of all images: the depth of the product.
    var count: Int { images.count * placesOfImage }
}

/// What every thread needs to know.
@unsafe private struct WeightGradientWork {
    let plan: WeightGradientProducts
    let input: UnsafePointer<Float>
    let gradient: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let pool: ThreadPool

    func run(_ unit: Int) {
        let geometry = unsafe plan.geometry
        let (group, index) = unsafe unit.quotientAndRemainder(dividingBy: plan.blocks)
        let first = unsafe index * plan.channelBlock
        let channels = unsafe first..<min(first + plan.channelBlock, geometry.inputsOfGroup)
        let sumsCount = geometry.outputsOfGroup * geometry.taps * channels.count
        let stagedCount = unsafe plan.stagedCount * plan.imageBlock
        let depth = unsafe max(plan.imageBlock * geometry.outputPlane, plan.rowBlock * geometry.width.output)
        let panels = (geometry.taps * channels.count + Tile.columns - 1) / Tile.columns
        let rightCount = panels * Tile.columns * depth
        let leftCount = (geometry.outputsOfGroup + Tile.rows - 1) / Tile.rows * Tile.rows * depth
        unsafe pool.withScratch(sumsCount + stagedCount + rightCount + leftCount) { scratch in
            unsafe scratch.withAddress { sums in
                let staged = unsafe sums + sumsCount
                let memory = unsafe UnitMemory(
                    sums: sums, staged: staged, right: staged + stagedCount, left: staged + stagedCount + rightCount)
                unsafe sums.update(repeating: 0, count: sumsCount)
                unsafe sum(group, channels, memory)
                unsafe write(sums, group, channels)
            }
        }
    }

    /// Sums over all images, block of places after block.
    private func sum(_ group: Int, _ channels: Range<Int>, _ memory: UnitMemory) {
        let (height, width) = unsafe (plan.geometry.height.output, plan.geometry.width.output)
        // The padding stays what it is; what lies inside is written again for each image.
        unsafe memory.staged.update(repeating: 0, count: plan.stagedCount * plan.imageBlock)
        for image in unsafe stride(from: 0, to: plan.geometry.batch, by: plan.imageBlock) {
            let images = unsafe image..<min(image + plan.imageBlock, plan.geometry.batch)
            unsafe stage(group, images, channels, into: memory.staged)
            let rowStep = unsafe images.count > 1 ? height : plan.rowBlock
            for row in stride(from: 0, to: height, by: rowStep) {
                let block = PlaceBlock(images: images, rows: row..<min(row + rowStep, height), width: width)
                unsafe packLeft(block, group, into: memory.left)
                unsafe packRight(block, channels.count, memory.staged, into: memory.right)
                unsafe multiply(block, channels.count, memory, accumulate: image > 0 || row > 0)
            }
        }
    }

    /// Copies the images' channels with the channels last, inside their padding.
    private func stage(
        _ group: Int, _ images: Range<Int>, _ channels: Range<Int>, into staged: UnsafeMutablePointer<Float>
    ) {
        let geometry = unsafe plan.geometry
        let (above, before) = (geometry.height.paddingBefore, geometry.width.paddingBefore)
        let (rows, width) = unsafe (
            min(geometry.height.input, plan.rows - above), min(geometry.width.input, plan.columns - before)
        )
        guard rows > 0, width > 0 else { return }
        for (index, image) in images.enumerated() {
            let first = (image * geometry.inputChannels + group * geometry.inputsOfGroup) + channels.lowerBound
            for row in 0..<rows {
                let source = unsafe input + (first * geometry.inputPlane + row * geometry.width.input)
                let place = unsafe (index * plan.rows + row + above) * plan.columns + before
                unsafe packLanes(
                    Panel(address: source, laneStride: geometry.inputPlane, depthStride: 1), lanes: channels.count,
                    width: channels.count, depth: width, into: staged + place * channels.count)
            }
        }
    }

    /// Packs the output's gradients as panels of 12 channels, [places, 12] each.
    private func packLeft(_ block: PlaceBlock, _ group: Int, into left: UnsafeMutablePointer<Float>) {
        let geometry = unsafe plan.geometry
        for (index, image) in block.images.enumerated() {
            let first = (image * geometry.groups + group) * geometry.outputsOfGroup
            for row in stride(from: 0, to: geometry.outputsOfGroup, by: Tile.rows) {
                let place = (first + row) * geometry.outputPlane + block.rows.lowerBound * block.width
                let before = row * block.count + index * block.placesOfImage * Tile.rows
                unsafe pack(
                    Panel(address: gradient + place, laneStride: geometry.outputPlane, depthStride: 1),
                    lanes: min(Tile.rows, geometry.outputsOfGroup - row), width: Tile.rows,
                    depth: block.placesOfImage, into: left + before)
            }
        }
    }

    /// Packs the transposed columns, [taps · channels] of each place, as panels of 32, [places, 32] each.
    private func packRight(
        _ block: PlaceBlock, _ channels: Int, _ staged: UnsafePointer<Float>, into right: UnsafeMutablePointer<Float>
    ) {
        let geometry = unsafe plan.geometry
        for tap in 0..<geometry.taps {
            let (row, column) = tap.quotientAndRemainder(dividingBy: geometry.width.kernel)
            let offset = unsafe row * geometry.height.dilation * plan.columns + column * geometry.width.dilation
            // The channels of a tap, panel by panel.
            var channel = 0
            while channel < channels {
                let (panel, lane) = (tap * channels + channel).quotientAndRemainder(dividingBy: Tile.columns)
                let count = min(channels - channel, Tile.columns - lane)
                unsafe packPiece(
                    block, staged + (offset * channels + channel), channels, count: count,
                    into: right + (panel * block.count * Tile.columns + lane))
                channel += count
            }
        }
    }

    /// Packs up to 32 channels of one tap at all places.
    @inline(__always)
    private func packPiece(
        _ block: PlaceBlock, _ staged: UnsafePointer<Float>, _ channels: Int, count: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        let (rowStep, step) = unsafe (
            plan.geometry.height.stride * plan.columns * channels, plan.geometry.width.stride * channels
        )
        let imageStep = unsafe plan.rows * plan.columns * channels
        var target = unsafe target
        for image in 0..<block.images.count {
            for row in block.rows {
                var source = unsafe staged + (image &* imageStep &+ row &* rowStep)
                for _ in 0..<block.width {
                    forEachLanes(of: count) { lane, width in
                        unsafe Lanes(at: source + lane, width: width).store(to: target + lane, width: width)
                    }
                    unsafe source += step
                    unsafe target += Tile.columns
                }
            }
        }
    }

    private func multiply(_ block: PlaceBlock, _ channels: Int, _ memory: UnitMemory, accumulate: Bool) {
        let (outputs, columns) = unsafe (plan.geometry.outputsOfGroup, plan.geometry.taps * channels)
        for column in stride(from: 0, to: columns, by: Tile.columns) {
            let right = unsafe Panel(
                address: memory.right + column * block.count, laneStride: 1, depthStride: Tile.columns)
            for row in stride(from: 0, to: outputs, by: Tile.rows) {
                unsafe Tile.multiply(
                    Panel(address: memory.left + row * block.count, laneStride: 1, depthStride: Tile.rows), right,
                    depth: block.count, rows: min(Tile.rows, outputs - row),
                    columns: min(Tile.columns, columns - column), into: memory.sums + (row * columns + column),
                    stride: columns, accumulate: accumulate)
            }
        }
    }

    /// Writes the sums, [outputs, taps, channels], in the order of the weight.
    private func write(_ sums: UnsafePointer<Float>, _ group: Int, _ channels: Range<Int>) {
        let geometry = unsafe plan.geometry
        var source = unsafe sums
        for output in 0..<geometry.outputsOfGroup {
            let kernel = (group * geometry.outputsOfGroup + output) * geometry.inputsOfGroup + channels.lowerBound
            let target = unsafe result + kernel * geometry.taps
            for tap in 0..<geometry.taps {
                for channel in 0..<channels.count {
                    unsafe target[channel * geometry.taps + tap] = source[channel]
                }
                unsafe source += channels.count
            }
        }
    }
}

/// The memory of a unit: sums, [outputs, taps · channels], staged images, and packed panels.
@unsafe private struct UnitMemory {
    let sums: UnsafeMutablePointer<Float>
    let staged: UnsafeMutablePointer<Float>
    let right: UnsafeMutablePointer<Float>
    let left: UnsafeMutablePointer<Float>
}
