/// A convolution of 3 × 3 windows at every place, cut into tiles of 4 × 4 outputs that are computed by 36 products each (see
/// ``WinogradTransforms``): for every one of the 36, a product of the tiles' transformed inputs, [tiles, inputs], with the
/// transformed kernels, [inputs, outputs].
///
/// Channels lie last in everything between: they fill the vectors of the transforms.
struct WinogradConvolution {
    let batch: Int
    let inputs: Int
    let outputs: Int
    let source: WinogradPlane
    let target: WinogradPlane

    /// The images and rows of tiles that are computed together: what they need fits the second-level cache.
    let imageBlock: Int
    let rowBlock: Int

    static let tilesTogether = 96

    /// The convolution itself.
    init(forward geometry: ConvolutionGeometry, threads: Int) {
        self.init(
            geometry, inputs: geometry.inputChannels, outputs: geometry.outputChannels,
            source: WinogradPlane(
                height: geometry.height.input, width: geometry.width.input, above: geometry.height.paddingBefore,
                before: geometry.width.paddingBefore),
            target: WinogradPlane(height: geometry.height.output, width: geometry.width.output), threads: threads)
    }

    /// The convolution of the output's gradients with the reversed kernels that gives the input's gradient.
    init(inputGradient geometry: ConvolutionGeometry, threads: Int) {
        self.init(
            geometry, inputs: geometry.outputChannels, outputs: geometry.inputChannels,
            source: WinogradPlane(
                height: geometry.height.output, width: geometry.width.output, above: 2 - geometry.height.paddingBefore,
                before: 2 - geometry.width.paddingBefore),
            target: WinogradPlane(height: geometry.height.input, width: geometry.width.input), threads: threads)
    }

    private init(
        _ geometry: ConvolutionGeometry, inputs: Int, outputs: Int, source: WinogradPlane, target: WinogradPlane,
        threads: Int
    ) {
        batch = geometry.batch
        (self.inputs, self.outputs, self.source, self.target) = (inputs, outputs, source, target)
        let tiles = target.tileRows * target.tileColumns
        imageBlock = max(1, min(Self.tilesTogether / tiles, (batch + threads - 1) / threads))
        rowBlock = tiles > Self.tilesTogether ? max(1, Self.tilesTogether / target.tileColumns) : target.tileRows
    }

    /// The units of work: some images, some rows of tiles.
    var units: Int { (batch + imageBlock - 1) / imageBlock * rowBlocks }

    private var rowBlocks: Int { (target.tileRows + rowBlock - 1) / rowBlock }

    func unit(_ index: Int) -> TileBlock {
        let (image, row) = index.quotientAndRemainder(dividingBy: rowBlocks)
        return TileBlock(
            images: image * imageBlock..<min((image + 1) * imageBlock, batch),
            rows: row * rowBlock..<min((row + 1) * rowBlock, target.tileRows), columns: target.tileColumns)
    }

    // A vector more: rows a multiple of 2 KiB apart would fall on one set of the first-level cache.

    /// The distance from one tile's transformed inputs to the next one's.
    var inputStride: Int { wholeLanes(inputs) + Lanes.scalarCount }

    /// The same of transformed outputs.
    var outputStride: Int { wholeLanes(outputs) + Lanes.scalarCount }
}

extension ConvolutionGeometry {
    /// Whether minimal filtering is the faster way.
    var suitsWinograd: Bool {
        groups == 1 && min(inputChannels, outputChannels) >= 16
            && [height, width].allSatisfy {
                $0.kernel == 3 && $0.stride == 1 && $0.dilation == 1 && $0.output > 1 && $0.paddingBefore <= 2
            }
    }
}

/// A channel of an image as tiles see it.
struct WinogradPlane {
    let height: Int
    let width: Int

    /// The padding that lies before its rows and columns.
    var above = 0
    var before = 0

    var tileRows: Int { (height + 3) / 4 }
    var tileColumns: Int { (width + 3) / 4 }

    var count: Int { height * width }

    /// Copies rows, from `first` on with the padding counted, of all channels of an image to `band`: [rows, columns,
    /// channels], zero where nothing is.
    func stage(
        _ image: UnsafePointer<Float>, channels: Int, rows: Range<Int>, columns: Int,
        into band: UnsafeMutablePointer<Float>
    ) {
        unsafe band.update(repeating: 0, count: rows.count * columns * channels)
        let copied = min(width, columns - before)
        for row in rows where row >= above && row - above < height {
            unsafe packLanes(
                Panel(address: image + (row - above) * width, laneStride: count, depthStride: 1), lanes: channels,
                width: channels, depth: copied,
                into: band + ((row - rows.lowerBound) * columns + before) * channels)
        }
    }
}

/// Some rows of tiles of some images.
struct TileBlock {
    let images: Range<Int>
    let rows: Range<Int>
    let columns: Int

    /// The number of rows of all images.
    var bands: Int { images.count * rows.count }

    /// The number of tiles.
    var count: Int { bands * columns }

    /// The image and the row of tiles of a band.
    func band(_ index: Int) -> (image: Int, row: Int) {
        let (image, row) = index.quotientAndRemainder(dividingBy: rows.count)
        return (images.lowerBound + image, rows.lowerBound + row)
    }
}
