extension ProductConvolution {
    /// Convolves all images, the units spread over the pool.
    func run(
        _ input: UnsafePointer<Float>, weight: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        let kernels = PackedKernels(of: self)
        pool.withScratch(kernels.count) { packed in
            unsafe packed.withAddress { packed in
                unsafe kernels.pack(weight, into: packed)
                let work = unsafe ForwardProducts(
                    plan: self, kernels: kernels, packed: UnsafePointer(packed), input: input, output: output,
                    pool: pool)
                unsafe pool.forEach(units, with: work) { work, unit in unsafe work.run(unit) }
            }
        }
    }
}

/// The kernels of all groups in the order in which tiles read them: block of channels after block, panels of 12 kernels.
struct PackedKernels {
    private let plan: ProductConvolution
    private let rows: Int
    private let depth: Int

    init(of plan: ProductConvolution) {
        self.plan = plan
        rows = (plan.geometry.outputsOfGroup + Tile.rows - 1) / Tile.rows * Tile.rows
        depth = plan.geometry.depth
    }

    /// The floats of all.
    var count: Int { plan.geometry.groups * rows * depth }

    /// Where the panels of a block begin that itself begins at `channel`.
    @inline(__always)
    func place(group: Int, channel: Int) -> Int { rows * (group * depth + channel * plan.geometry.taps) }

    func pack(_ weight: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        for group in 0..<plan.geometry.groups { unsafe pack(group, weight, into: packed) }
    }

    private func pack(_ group: Int, _ weight: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        let geometry = plan.geometry
        let first = unsafe weight + group * geometry.outputsOfGroup * depth
        for channel in stride(from: 0, to: geometry.inputsOfGroup, by: plan.channelBlock) {
            let channels = min(plan.channelBlock, geometry.inputsOfGroup - channel)
            unsafe packPanels(
                Panel(address: first + channel * geometry.taps, laneStride: depth, depthStride: 1),
                lanes: geometry.outputsOfGroup, width: Tile.rows, depth: channels * geometry.taps,
                into: packed + place(group: group, channel: channel))
        }
    }
}

/// What every thread needs to know to convolve.
@unsafe private struct ForwardProducts {
    let plan: ProductConvolution
    let kernels: PackedKernels
    let packed: UnsafePointer<Float>
    let input: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let pool: ThreadPool

    private var places: Int { unsafe plan.geometry.outputPlane }

    func run(_ unit: Int) {
        let (group, images) = unsafe plan.unit(unit)
        // A row's last vector may be read beyond it.
        let stagedCount = unsafe images.count * plan.channelBlock * plan.plane.count + Lanes.scalarCount
        let joinedCount = unsafe plan.joins ? plan.geometry.outputsOfGroup * images.count * places : 0
        let panelCount = unsafe Tile.columns * plan.channelBlock * plan.geometry.taps
        unsafe pool.withScratch(panelCount + stagedCount + joinedCount) { scratch in
            unsafe scratch.withAddress { panel in
                let staged = unsafe panel + panelCount
                let joined = unsafe staged + stagedCount
                let step = unsafe plan.channelBlock
                for channel in unsafe stride(from: 0, to: plan.geometry.inputsOfGroup, by: step) {
                    let channels = unsafe channel..<min(channel + step, plan.geometry.inputsOfGroup)
                    unsafe stage(group, images, channels, into: staged)
                    unsafe multiply(group, images, channels, staged: staged, panel: panel, joined: joined)
                }
                if unsafe plan.joins { unsafe separate(joined, group, images) }
            }
        }
    }

    private func stage(
        _ group: Int, _ images: Range<Int>, _ channels: Range<Int>, into staged: UnsafeMutablePointer<Float>
    ) {
        var target = unsafe staged
        for image in images {
            let source = unsafe input + plan.input(image: image, group: group)
            for channel in channels {
                unsafe plan.plane.fill(target, from: source + channel * plan.geometry.inputPlane)
                unsafe target += plan.plane.count
            }
        }
    }

    /// Adds the products of a block of channels to the output.
    private func multiply(
        _ group: Int, _ images: Range<Int>, _ channels: Range<Int>, staged: UnsafePointer<Float>,
        panel: UnsafeMutablePointer<Float>, joined: UnsafeMutablePointer<Float>
    ) {
        let (outputs, depth) = unsafe (plan.geometry.outputsOfGroup, channels.count * plan.geometry.taps)
        let left = unsafe packed + kernels.place(group: group, channel: channels.lowerBound)
        let right = unsafe Panel(address: panel, laneStride: 1, depthStride: Tile.columns)
        for index in unsafe 0..<plan.panels(of: images.count) {
            let columns = unsafe plan.columns(of: index, images: images.count)
            unsafe pack(columns, channels.count, staged, into: panel)
            let image = unsafe output + plan.output(image: images.lowerBound + columns.image, group: group)
            let (result, step) =
                unsafe plan.joins
                ? (joined + columns.image * places + columns.place, images.count * places)
                : (image + columns.place, places)
            for row in stride(from: 0, to: outputs, by: Tile.rows) {
                unsafe Tile.multiply(
                    Panel(address: left + row * depth, laneStride: 1, depthStride: Tile.rows), right, depth: depth,
                    rows: min(Tile.rows, outputs - row), columns: columns.count, into: result + row * step,
                    stride: step, accumulate: channels.lowerBound > 0)
            }
        }
    }

    /// Packs up to 32 columns as [depth, 32].
    private func pack(
        _ columns: ColumnRange, _ channels: Int, _ staged: UnsafePointer<Float>,
        into panel: UnsafeMutablePointer<Float>
    ) {
        let (taps, rowStep, planeCount) = unsafe (plan.geometry.taps, plan.rowStep, plan.plane.count)
        let imageStep = channels * planeCount
        for tap in 0..<taps {
            let offset = unsafe plan.offset(ofTap: tap)
            unsafe columns.forEachPiece(of: plan.geometry) { image, row, column, count, before in
                var source = unsafe staged + (image &* imageStep &+ row &* rowStep &+ column &+ offset)
                var target = unsafe panel + (tap &* Tile.columns &+ before)
                for _ in 0..<channels {
                    forEachLanes(of: count) { lane, width in
                        unsafe Lanes(at: source + lane).store(to: target + lane, width: width)
                    }
                    unsafe source += planeCount
                    unsafe target += taps &* Tile.columns
                }
            }
        }
    }

    /// Puts what was computed for all images together into the output.
    private func separate(_ joined: UnsafePointer<Float>, _ group: Int, _ images: Range<Int>) {
        for (index, image) in images.enumerated() {
            let target = unsafe output + plan.output(image: image, group: group)
            for row in unsafe 0..<plan.geometry.outputsOfGroup {
                let source = unsafe joined + (row * images.count + index) * places
                unsafe (target + row * places).update(from: source, count: places)
            }
        }
    }
}
