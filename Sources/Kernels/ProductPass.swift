/// The kernels of all groups in the order in which tiles read them: block of input channels after block, each as panels of 12
/// lanes.
///
/// The lanes are kernels, as deep as the taps of a block's channels; transposed, for the gradient of the input, they are those
/// taps, as deep as there are kernels.
struct PackedKernels {
    let plan: ProductConvolution
    let isTransposed: Bool

    /// The lanes of a block of channels, and their depth.
    func size(ofChannels channels: Int) -> (lanes: Int, depth: Int) {
        let (outputs, taps) = (plan.geometry.outputsOfGroup, channels * plan.geometry.taps)
        return isTransposed ? (taps, outputs) : (outputs, taps)
    }

    private var blockCount: Int {
        let (lanes, depth) = size(ofChannels: plan.channelBlock)
        return Tile.padded(lanes, to: Tile.rows) * depth
    }

    private var groupCount: Int {
        (plan.geometry.inputsOfGroup + plan.channelBlock - 1) / plan.channelBlock * blockCount
    }

    /// The floats of all.
    var count: Int { plan.geometry.groups * groupCount }

    /// Where the panels of a block begin that itself begins at `channel`.
    func place(group: Int, channel: Int) -> Int {
        group * groupCount + channel / plan.channelBlock * blockCount
    }

    func pack(_ weight: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        let (outputs, depth) = (plan.geometry.outputsOfGroup, plan.geometry.depth)
        for group in 0..<plan.geometry.groups {
            plan.forEachBlock { channels in
                let size = size(ofChannels: channels.count)
                let first = group * outputs * depth + channels.lowerBound * plan.geometry.taps
                unsafe packPanels(
                    Panel(
                        address: weight + first, laneStride: isTransposed ? 1 : depth,
                        depthStride: isTransposed ? depth : 1),
                    lanes: size.lanes, width: Tile.rows, depth: size.depth,
                    into: packed + place(group: group, channel: channels.lowerBound))
            }
        }
    }
}

/// What every thread needs to know to convolve, or to compute the gradient of the input: both multiply the kernels with panels
/// of places, and differ in what they pack as a panel and where the products go.
@unsafe struct ProductPass {
    let plan: ProductConvolution
    let kernels: PackedKernels
    let packed: UnsafePointer<Float>
    let source: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let pool: ThreadPool

    /// The places of an image.
    var places: Int { unsafe plan.geometry.outputPlane }

    /// Some images, one group.
    func run(_ index: Int) {
        let (group, images) = unsafe plan.unit(index)
        let block = unsafe kernels.size(ofChannels: plan.channelBlock)
        let isGradient = unsafe kernels.isTransposed
        let panelCount = block.depth * Tile.columns
        let asideCount =
            unsafe isGradient
            ? block.lanes * Tile.columns : plan.joins ? block.lanes * images.count * places : 0
        let firstStaged = panelCount + Tile.padded(asideCount, to: Lanes.scalarCount)
        // A row's last vector may be read and written beyond it.
        let stagedCount = unsafe images.count * plan.channelBlock * plan.plane.count + Lanes.scalarCount
        unsafe pool.withScratch(firstStaged + stagedCount) { scratch in
            unsafe scratch.withAddress { panel in
                let unit = unsafe ProductUnit(
                    group: group, images: images, panel: panel, aside: panel + panelCount,
                    staged: panel + firstStaged)
                unsafe plan.forEachBlock { channels in
                    if isGradient {
                        unsafe addGradients(unit, channels)
                    } else {
                        unsafe addProducts(unit, channels)
                    }
                }
                if unsafe !isGradient && plan.joins { unsafe separate(unit) }
            }
        }
    }

    /// Multiplies the kernels of a block of channels with a packed panel, `step` of the depth at a time.
    func multiply(
        _ unit: ProductUnit, _ channels: Range<Int>, columns: Int, step: Int,
        into result: UnsafeMutablePointer<Float>, stride distance: Int, accumulate: Bool
    ) {
        let (lanes, depth) = unsafe kernels.size(ofChannels: channels.count)
        let left = unsafe packed + kernels.place(group: unit.group, channel: channels.lowerBound)
        for level in stride(from: 0, to: depth, by: step) {
            let right = unsafe Panel(
                address: unit.panel + level * Tile.columns, laneStride: 1, depthStride: Tile.columns)
            for row in stride(from: 0, to: lanes, by: Tile.rows) {
                unsafe Tile.multiply(
                    Panel(
                        address: left + (row * depth + level * Tile.rows), laneStride: 1, depthStride: Tile.rows
                    ),
                    right, depth: min(step, depth - level), rows: min(Tile.rows, lanes - row),
                    columns: columns,
                    into: result + row * distance, stride: distance, accumulate: accumulate || level > 0)
            }
        }
    }

    /// Calls `body` with each channel of the images: where it lies in the whole input, and where it is staged.
    @inline(__always)
    func forEachPlane(
        _ unit: ProductUnit, _ channels: Range<Int>,
        _ body: (_ place: Int, _ staged: UnsafeMutablePointer<Float>) -> Void
    ) {
        var staged = unsafe unit.staged
        for image in unsafe unit.images {
            let first = unsafe plan.input(image: image, group: unit.group)
            for channel in channels {
                unsafe body(first + channel * plan.geometry.inputPlane, staged)
                unsafe staged += plan.plane.count
            }
        }
    }

    /// Calls `body` with the pieces of columns [channels · taps, 32] that lie side by side in a staged plane: where there,
    /// where among the columns, and how many places.
    @inline(__always)
    func forEachPiece(
        of range: ColumnRange, _ channels: Int, _ staged: UnsafeMutablePointer<Float>,
        _ columns: UnsafeMutablePointer<Float>,
        _ body: (_ staged: UnsafeMutablePointer<Float>, _ column: UnsafeMutablePointer<Float>, _ count: Int) -> Void
    ) {
        let (taps, rowStep, planeCount) = unsafe (plan.geometry.taps, plan.rowStep, plan.plane.count)
        let imageStep = channels * planeCount
        for tap in 0..<taps {
            let offset = unsafe plan.offset(ofTap: tap)
            unsafe range.forEachPiece(of: plan.geometry) { image, row, column, count, before in
                var place = unsafe staged + (image &* imageStep &+ row &* rowStep &+ column &+ offset)
                var column = unsafe columns + (tap &* Tile.columns &+ before)
                for _ in 0..<channels {
                    unsafe body(place, column, count)
                    unsafe place += planeCount
                    unsafe column += taps &* Tile.columns
                }
            }
        }
    }
}

/// A unit of work and its memory: a packed panel, what is computed aside, and staged planes of the input.
@unsafe struct ProductUnit {
    let group: Int
    let images: Range<Int>
    let panel: UnsafeMutablePointer<Float>
    let aside: UnsafeMutablePointer<Float>
    let staged: UnsafeMutablePointer<Float>
}
