extension ProductConvolution {
    /// Computes the input's gradient of all images, the units spread over the pool.
    ///
    /// The product of the transposed kernels with the output's gradients is the gradient of every column; each is added to
    /// the place of the staged plane that the column was read from. No product is with a zero, whatever the stride.
    func runInputGradient(
        _ gradient: UnsafePointer<Float>, weight: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        let kernels = TransposedKernels(of: self)
        pool.withScratch(kernels.count) { packed in
            unsafe packed.withAddress { packed in
                unsafe kernels.pack(weight, into: packed)
                let work = unsafe GradientProducts(
                    plan: self, kernels: kernels, packed: UnsafePointer(packed), gradient: gradient, result: result,
                    pool: pool)
                unsafe pool.forEach(units, with: work) { work, unit in unsafe work.run(unit) }
            }
        }
    }
}

/// The transposed kernels of all groups in the order in which tiles read them: for each block of input channels the panels
/// of 12 of its taps, as deep as there are output channels.
private struct TransposedKernels {
    private let plan: ProductConvolution
    private let rows: Int

    init(of plan: ProductConvolution) {
        self.plan = plan
        let blocks = (plan.geometry.inputsOfGroup + plan.channelBlock - 1) / plan.channelBlock
        rows = blocks * Self.rows(plan.channelBlock * plan.geometry.taps)
    }

    private static func rows(_ count: Int) -> Int { (count + Tile.rows - 1) / Tile.rows * Tile.rows }

    /// The floats of all.
    var count: Int { plan.geometry.groups * rows * plan.geometry.outputsOfGroup }

    /// Where the panels of a block begin that itself begins at `channel`.
    func place(group: Int, channel: Int) -> Int {
        let before = channel / plan.channelBlock * Self.rows(plan.channelBlock * plan.geometry.taps)
        return (group * rows + before) * plan.geometry.outputsOfGroup
    }

    func pack(_ weight: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        for group in 0..<plan.geometry.groups { unsafe pack(group, weight, into: packed) }
    }

    private func pack(_ group: Int, _ weight: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        let geometry = plan.geometry
        let first = unsafe weight + group * geometry.outputsOfGroup * geometry.depth
        for channel in stride(from: 0, to: geometry.inputsOfGroup, by: plan.channelBlock) {
            let channels = min(plan.channelBlock, geometry.inputsOfGroup - channel)
            unsafe packPanels(
                Panel(address: first + channel * geometry.taps, laneStride: 1, depthStride: geometry.depth),
                lanes: channels * geometry.taps, width: Tile.rows, depth: geometry.outputsOfGroup,
                into: packed + place(group: group, channel: channel))
        }
    }
}

/// What every thread needs to know to compute the input's gradient.
@unsafe private struct GradientProducts {
    let plan: ProductConvolution
    let kernels: TransposedKernels
    let packed: UnsafePointer<Float>
    let gradient: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let pool: ThreadPool

    private var places: Int { unsafe plan.geometry.outputPlane }

    func run(_ unit: Int) {
        let (group, images) = unsafe plan.unit(unit)
        let outputs = unsafe plan.geometry.outputsOfGroup
        let panelCount = outputs * Tile.columns
        let columnsCount = unsafe plan.channelBlock * plan.geometry.taps * Tile.columns
        let stagedCount = unsafe images.count * plan.channelBlock * plan.plane.count
        unsafe pool.withScratch(panelCount + columnsCount + stagedCount + Lanes.scalarCount) { scratch in
            unsafe scratch.withAddress { panel in
                let columns = unsafe panel + panelCount
                let staged = unsafe columns + columnsCount
                let step = unsafe plan.channelBlock
                for channel in unsafe stride(from: 0, to: plan.geometry.inputsOfGroup, by: step) {
                    let channels = unsafe channel..<min(channel + step, plan.geometry.inputsOfGroup)
                    unsafe staged.update(repeating: 0, count: stagedCount)
                    for index in unsafe 0..<plan.panels(of: images.count) {
                        let range = unsafe plan.columns(of: index, images: images.count)
                        unsafe pack(range, group, images, into: panel)
                        unsafe multiply(panel, range, group, channels, into: columns)
                        unsafe add(columns, range, channels.count, to: staged)
                    }
                    unsafe unstage(staged, group, images, channels)
                }
            }
        }
    }

    /// Packs the output's gradients at up to 32 places as [outputs, 32].
    private func pack(
        _ range: ColumnRange, _ group: Int, _ images: Range<Int>, into panel: UnsafeMutablePointer<Float>
    ) {
        var (image, place, before) = (images.lowerBound + range.image, range.place, 0)
        while before < range.count {
            let count = unsafe min(places - place, range.count - before)
            let source = unsafe gradient + plan.output(image: image, group: group) + place
            for output in unsafe 0..<plan.geometry.outputsOfGroup {
                let (from, to) = unsafe (source + output &* places, panel + (output &* Tile.columns &+ before))
                forEachLanes(of: count) { lane, width in
                    unsafe Lanes(at: from + lane, width: width).store(to: to + lane, width: width)
                }
            }
            before += count
            image += 1
            place = 0
        }
    }

    /// Computes the gradient of up to 32 columns as [inputs · taps, 32].
    private func multiply(
        _ panel: UnsafePointer<Float>, _ range: ColumnRange, _ group: Int, _ channels: Range<Int>,
        into columns: UnsafeMutablePointer<Float>
    ) {
        let (outputs, rows) = unsafe (plan.geometry.outputsOfGroup, channels.count * plan.geometry.taps)
        let left = unsafe packed + kernels.place(group: group, channel: channels.lowerBound)
        // Equal blocks, as for other products.
        let blocks = (outputs + ProductConvolution.depthBlock - 1) / ProductConvolution.depthBlock
        let step = (outputs + blocks - 1) / blocks
        for depth in stride(from: 0, to: outputs, by: step) {
            let right = unsafe Panel(address: panel + depth * Tile.columns, laneStride: 1, depthStride: Tile.columns)
            for row in stride(from: 0, to: rows, by: Tile.rows) {
                unsafe Tile.multiply(
                    Panel(address: left + (row * outputs + depth * Tile.rows), laneStride: 1, depthStride: Tile.rows),
                    right, depth: min(step, outputs - depth), rows: min(Tile.rows, rows - row), columns: range.count,
                    into: columns + row * Tile.columns, stride: Tile.columns, accumulate: depth > 0)
            }
        }
    }

    /// Adds the gradients of columns to where they were read from.
    private func add(
        _ columns: UnsafePointer<Float>, _ range: ColumnRange, _ channels: Int, to staged: UnsafeMutablePointer<Float>
    ) {
        let (taps, rowStep, planeCount) = unsafe (plan.geometry.taps, plan.rowStep, plan.plane.count)
        let imageStep = channels * planeCount
        for tap in 0..<taps {
            let offset = unsafe plan.offset(ofTap: tap)
            unsafe range.forEachPiece(of: plan.geometry) { image, row, column, count, before in
                var target = unsafe staged + (image &* imageStep &+ row &* rowStep &+ column &+ offset)
                var source = unsafe columns + (tap &* Tile.columns &+ before)
                for _ in 0..<channels {
                    forEachLanes(of: count) { lane, width in
                        let sum = unsafe Lanes(at: target + lane) + Lanes(at: source + lane)
                        unsafe sum.store(to: target + lane, width: width)
                    }
                    unsafe target += planeCount
                    unsafe source += taps &* Tile.columns
                }
            }
        }
    }

    /// Writes what was staged, without the padding, to the input's gradient.
    private func unstage(
        _ staged: UnsafePointer<Float>, _ group: Int, _ images: Range<Int>, _ channels: Range<Int>
    ) {
        var source = unsafe staged
        for image in images {
            let target = unsafe result + plan.input(image: image, group: group)
            for channel in channels {
                unsafe plan.plane.empty(source, into: target + channel * plan.geometry.inputPlane)
                unsafe source += plan.plane.count
            }
        }
    }
}
