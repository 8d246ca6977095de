extension WinogradConvolution {
    /// Convolves all images, the units spread over the pool.
    ///
    /// - Parameter isGradient: whether this is the input's gradient, which takes the kernels reversed and transposed.
    func run(
        _ input: UnsafePointer<Float>, weight: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
        isGradient: Bool, pool: ThreadPool
    ) {
        let kernels = unsafe WinogradKernels(
            weight: weight, columns: outputs, depth: inputs, columnStep: isGradient ? 9 : 9 * inputs,
            depthStep: isGradient ? 9 * outputs : 9, isReversed: isGradient)
        unsafe pool.withScratch(kernels.count) { packed in
            unsafe packed.withAddress { packed in
                unsafe kernels.pack(into: packed, pool: pool)
                let work = unsafe WinogradWork(
                    plan: self, kernels: kernels, packed: UnsafePointer(packed), input: input, output: output,
                    pool: pool)
                unsafe pool.forEach(units, with: work) { work, unit in unsafe work.run(unit) }
            }
        }
    }

    /// Transforms one band of tiles, whose inputs begin at `tile` in each of the 36 matrices of `tiles` rows.
    func transformInput(
        _ band: UnsafePointer<Float>, tile: Int, tiles: Int, into result: UnsafeMutablePointer<Float>
    ) {
        let (columns, matrix) = (4 * target.tileColumns + 2, tiles * inputStride)
        for column in 0..<target.tileColumns {
            let first = unsafe band + 4 * column * inputs
            let place = unsafe result + (tile + column) * inputStride
            forEachLanes(of: inputs) { channel, width in
                WinogradTransforms.square(WinogradTransforms.input) { row, column in
                    unsafe Lanes(at: first + ((row &* columns &+ column) &* inputs &+ channel), width: width)
                } store: { row, column, lanes in
                    unsafe lanes.store(to: place + ((row &* 6 &+ column) &* matrix &+ channel))
                }
            }
        }
    }
}

/// The transformed kernels as panels of 32 columns: [36, panels, depth, 32].
@unsafe struct WinogradKernels {
    let weight: UnsafePointer<Float>
    let columns: Int
    let depth: Int
    let columnStep: Int
    let depthStep: Int
    let isReversed: Bool

    var panels: Int { unsafe (columns + Tile.columns - 1) / Tile.columns }

    var count: Int { unsafe 36 * panels * depth * Tile.columns + Lanes.scalarCount }

    /// Where a panel of one of the 36 begins.
    func place(_ index: Int, panel: Int) -> Int { unsafe (index * panels + panel) * depth * Tile.columns }

    func pack(into packed: UnsafeMutablePointer<Float>, pool: ThreadPool) {
        unsafe pool.forEach(panels, with: (self, packed)) { work, panel in unsafe work.0.pack(panel, into: work.1) }
    }

    private func pack(_ panel: Int, into packed: UnsafeMutablePointer<Float>) {
        let first = panel * Tile.columns
        let (matrix, step) = unsafe (place(1, panel: 0), isReversed ? -1 : 1)
        let start = unsafe packed + place(0, panel: panel)
        for level in unsafe 0..<depth {
            for lane in unsafe stride(from: 0, to: min(Tile.columns, columns - first), by: Lanes.scalarCount) {
                let width = unsafe min(Lanes.scalarCount, columns - first - lane)
                let source = unsafe weight + ((first + lane) * columnStep + level * depthStep + (isReversed ? 8 : 0))
                let target = unsafe start + (level * Tile.columns + lane)
                // A tile is narrower than the lanes where vectors have four floats: what lies behind it is not its own.
                WinogradTransforms.square(WinogradTransforms.kernel) { row, column in
                    let tap = unsafe source + (row &* 3 &+ column) &* step
                    var lanes = Lanes.zero
                    for lane in 0..<width { unsafe lanes[lane] = tap[lane &* columnStep] }
                    return lanes
                } store: { row, column, lanes in
                    unsafe lanes.store(to: target + (row &* 6 &+ column) &* matrix, width: Tile.columns &- lane)
                }
            }
        }
    }
}

/// What every thread needs to know to convolve.
@unsafe private struct WinogradWork {
    let plan: WinogradConvolution
    let kernels: WinogradKernels
    let packed: UnsafePointer<Float>
    let input: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let pool: ThreadPool

    func run(_ unit: Int) {
        let block = unsafe plan.unit(unit)
        let columns = unsafe 4 * plan.target.tileColumns + 2
        let bandCount = unsafe 6 * columns * max(plan.inputs, plan.outputs)
        // Where tiles have no masks, a product reads up to 12 rows beyond.
        let inputCount = unsafe (36 * block.count + Tile.rows) * plan.inputStride
        let outputCount = unsafe 36 * block.count * plan.outputStride + Lanes.scalarCount
        unsafe pool.withScratch(bandCount + inputCount + outputCount) { scratch in
            unsafe scratch.withAddress { band in
                let transformed = unsafe band + bandCount
                let products = unsafe transformed + inputCount
                for index in 0..<block.bands {
                    let (image, row) = block.band(index)
                    unsafe plan.source.stage(
                        input + image * plan.inputs * plan.source.count, channels: plan.inputs,
                        rows: 4 * row..<4 * row + 6, columns: columns, into: band)
                    unsafe plan.transformInput(
                        band, tile: index * block.columns, tiles: block.count, into: transformed)
                }
                unsafe multiply(transformed, tiles: block.count, into: products)
                for index in 0..<block.bands { unsafe write(index, of: block, products, through: band) }
            }
        }
    }

    /// The 36 products.
    private func multiply(
        _ transformed: UnsafePointer<Float>, tiles: Int, into products: UnsafeMutablePointer<Float>
    ) {
        let (inputs, outputs) = unsafe (plan.inputs, plan.outputs)
        let (leftStride, stride) = unsafe (plan.inputStride, plan.outputStride)
        let blocks = (inputs + ProductConvolution.depthBlock - 1) / ProductConvolution.depthBlock
        let step = (inputs + blocks - 1) / blocks
        for index in 0..<36 {
            for depth in Swift.stride(from: 0, to: inputs, by: step) {
                for panel in unsafe 0..<kernels.panels {
                    let right = unsafe Panel(
                        address: packed + kernels.place(index, panel: panel) + depth * Tile.columns, laneStride: 1,
                        depthStride: Tile.columns)
                    let column = panel * Tile.columns
                    for row in Swift.stride(from: 0, to: tiles, by: Tile.rows) {
                        let place = index * tiles + row
                        unsafe Tile.multiply(
                            Panel(
                                address: transformed + (place * leftStride + depth), laneStride: leftStride,
                                depthStride: 1), right, depth: min(step, inputs - depth),
                            rows: min(Tile.rows, tiles - row), columns: min(Tile.columns, outputs - column),
                            into: products + (place * stride + column), stride: stride, accumulate: depth > 0)
                    }
                }
            }
        }
    }

    /// Transforms the products of a band back and writes its rows of the output.
    private func write(
        _ index: Int, of block: TileBlock, _ products: UnsafePointer<Float>, through band: UnsafeMutablePointer<Float>
    ) {
        let (outputs, stride) = unsafe (plan.outputs, plan.outputStride)
        let (width, matrix) = (4 * block.columns, block.count * stride)
        for column in 0..<block.columns {
            let source = unsafe products + (index * block.columns + column) * stride
            let target = unsafe band + 4 * column * outputs
            forEachLanes(of: outputs) { channel, lanes in
                WinogradTransforms.square(WinogradTransforms.output) { row, column in
                    unsafe Lanes(at: source + ((row &* 6 &+ column) &* matrix &+ channel))
                } store: { row, column, result in
                    unsafe result.store(to: target + ((row &* width &+ column) &* outputs &+ channel), width: lanes)
                }
            }
        }
        let (image, tileRow) = block.band(index)
        let plane = unsafe plan.target
        let first = unsafe output + image * outputs * plane.count
        for row in 0..<min(4, plane.height - 4 * tileRow) {
            unsafe packLanes(
                Panel(address: UnsafePointer(band) + row * width * outputs, laneStride: outputs, depthStride: 1),
                lanes: plane.width, width: plane.count, depth: outputs, into: first + (4 * tileRow + row) * plane.width)
        }
    }
}
