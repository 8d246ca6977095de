/// A convolution as matrix products: the kernels of a group, [outputs, inputs · taps], times the columns that the windows see,
/// [inputs · taps, places].
///
/// The columns are never whole in memory: a block of them is packed for the tiles of the product straight from staged planes
/// (see ``StagedPlane``), whose rows a window reads end to end. With 16 channels and more this costs little beside the
/// product, whose tiles use the processor's vectors fully where an output row is shorter than one.
struct ProductConvolution {
    let geometry: ConvolutionGeometry

    /// A channel of an input image in scratch memory.
    let plane: StagedPlane

    /// The depth of the product that is packed at a time, in whole channels.
    let channelBlock: Int

    /// The images that are convolved together: with few places each, one would not fill a panel.
    let imageBlock: Int

    static let depthBlock = 256

    init(_ geometry: ConvolutionGeometry, threads: Int) {
        self.geometry = geometry.withoutRows
        plane = StagedPlane(height: self.geometry.height, width: self.geometry.width)
        let blocks = (geometry.inputsOfGroup * geometry.taps + Self.depthBlock - 1) / Self.depthBlock
        channelBlock = (geometry.inputsOfGroup + blocks - 1) / blocks
        // What the images are cut into does not show where a product and its sum are rounded at once, at edges as well.
        let share = fusesMultiplyAdd ? (geometry.batch + threads - 1) / threads : geometry.batch
        imageBlock = max(1, min(256 / geometry.outputPlane, share))
    }

    /// The units of work: some images, one group.
    var units: Int { (geometry.batch + imageBlock - 1) / imageBlock * geometry.groups }

    /// The group and the images of a unit.
    func unit(_ index: Int) -> (group: Int, images: Range<Int>) {
        let first = index / geometry.groups * imageBlock
        return (index % geometry.groups, first..<min(first + imageBlock, geometry.batch))
    }

    /// Convolves all images, or computes the gradient of the input from that of the output; the units are spread over the pool.
    func run(
        _ source: UnsafePointer<Float>, weight: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>,
        isGradient: Bool, pool: ThreadPool
    ) {
        let kernels = PackedKernels(plan: self, isTransposed: isGradient)
        pool.withScratch(kernels.count) { packed in
            unsafe packed.withAddress { packed in
                unsafe kernels.pack(weight, into: packed)
                let pass = unsafe ProductPass(
                    plan: self, kernels: kernels, packed: UnsafePointer(packed), source: source,
                    result: result,
                    pool: pool)
                unsafe pool.forEach(units, with: pass) { pass, unit in unsafe pass.run(unit) }
            }
        }
    }

    /// Calls `body` with the input channels of a group, block after block.
    @inline(__always)
    func forEachBlock(_ body: (Range<Int>) -> Void) {
        for channel in stride(from: 0, to: geometry.inputsOfGroup, by: channelBlock) {
            body(channel..<min(channel + channelBlock, geometry.inputsOfGroup))
        }
    }

    /// Whether panels reach over images, because one has too few places for a panel.
    var joins: Bool { geometry.outputPlane < Tile.columns }

    /// The columns of a panel that reaches over images. Where `keepsImages`, none is cut in two: what is added up of one does not
    /// depend on which images are beside it, and so not on the number of threads.
    private func joinedColumns(keepsImages: Bool) -> Int {
        keepsImages ? Tile.columns / geometry.outputPlane * geometry.outputPlane : Tile.columns
    }

    /// The number of panels that the columns of some images make.
    func panels(of images: Int, keepsImages: Bool) -> Int {
        let places = geometry.outputPlane
        let columns = joins ? joinedColumns(keepsImages: keepsImages) : Tile.columns
        return joins ? (images * places + columns - 1) / columns : images * ((places + columns - 1) / columns)
    }

    /// The columns of a panel.
    func columns(of panel: Int, images: Int, keepsImages: Bool) -> ColumnRange {
        let places = geometry.outputPlane
        if joins {
            let count = joinedColumns(keepsImages: keepsImages)
            let first = panel * count
            return ColumnRange(
                image: first / places, place: first % places, count: min(count, images * places - first))
        }
        let (image, index) = panel.quotientAndRemainder(dividingBy: (places + Tile.columns - 1) / Tile.columns)
        let place = index * Tile.columns
        return ColumnRange(image: image, place: place, count: min(Tile.columns, places - place))
    }

    /// Where a group of an image begins in the input.
    func input(image: Int, group: Int) -> Int {
        (image * geometry.groups + group) * geometry.inputsOfGroup * geometry.inputPlane
    }

    /// Where a group of an image begins in the output.
    func output(image: Int, group: Int) -> Int {
        (image * geometry.groups + group) * geometry.outputsOfGroup * geometry.outputPlane
    }

    /// The distance in a staged plane from where the window begins to a tap.
    @inline(__always)
    func offset(ofTap tap: Int) -> Int {
        let (row, column) = tap.quotientAndRemainder(dividingBy: geometry.width.kernel)
        return row * geometry.height.dilation * plane.rowLength
            + plane.offset(ofColumn: column * geometry.width.dilation)
    }

    /// The distance from one output row's place in a staged plane to the next one's.
    var rowStep: Int { geometry.height.stride * plane.rowLength }
}

extension ConvolutionGeometry {
    /// Whether products are the faster way: with fewer channels the packing costs more than the tiles save.
    var suitsProducts: Bool { inputsOfGroup >= 8 && outputsOfGroup >= 16 }

    /// The number of elements of a kernel of a group: the depth of the products.
    var depth: Int { inputsOfGroup * taps }

    /// The same, but of a window that sees one place and visits all in order, each plane as one long row.
    fileprivate var withoutRows: ConvolutionGeometry {
        let isPointwise = [height, width].allSatisfy {
            $0.kernel == 1 && $0.stride == 1 && $0.paddingBefore == 0 && $0.paddingAfter == 0
        }
        guard isPointwise else { return self }
        return ConvolutionGeometry(
            batch: batch, inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
            height: WindowAxis(input: 1, kernel: 1), width: WindowAxis(input: inputPlane, kernel: 1))
    }
}

/// Consecutive columns of a product: places of one image, or of several images one after the other.
struct ColumnRange {
    /// The first place: of an image, counted within its unit, and in the output's plane.
    let image: Int
    let place: Int
    let count: Int

    /// Calls `body` with every piece of the columns that lies in one output row: the image, the row, the first column in it,
    /// how many, and how many columns of the range came before.
    @inline(__always)
    func forEachPiece(
        of geometry: ConvolutionGeometry,
        _ body: (_ image: Int, _ row: Int, _ column: Int, _ count: Int, _ before: Int) -> Void
    ) {
        let width = geometry.width.output
        var image = image
        var (row, column) = place.quotientAndRemainder(dividingBy: width)
        var before = 0
        while before < count {
            let length = min(width &- column, count &- before)
            body(image, row, column, length, before)
            before &+= length
            column = 0
            row &+= 1
            if row == geometry.height.output { (row, image) = (0, image &+ 1) }
        }
    }
}
