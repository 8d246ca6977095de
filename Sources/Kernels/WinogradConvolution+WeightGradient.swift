extension WinogradConvolution {
    /// Computes the weight's gradient, block of tiles after block: which threads share the work of one does not show in the sums.
    ///
    /// The plan is that of one thread, whatever the pool has, so that the blocks are the same too.
    func runWeightGradient(
        _ input: UnsafePointer<Float>, gradient: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        let largest = unit(0).count
        let inputCount = (36 * largest + Tile.rows) * inputStride
        let gradientCount = 36 * largest * outputStride + Tile.columns
        let sumsCount = 36 * wholeTiles * outputStride
        pool.withScratch(sumsCount + inputCount + gradientCount) { scratch in
            unsafe scratch.withAddress { sums in
                let work = unsafe WinogradGradientWork(
                    plan: self, input: input, gradient: gradient, result: result, sums: sums,
                    transformed: sums + sumsCount, gradients: sums + sumsCount + inputCount, pool: pool)
                unsafe work.run()
            }
        }
    }

    /// The input channels in whole tiles.
    fileprivate var wholeTiles: Int { (inputs + Tile.rows - 1) / Tile.rows * Tile.rows }

    /// Transforms the output's gradients of one band of tiles; `result` as for the inputs.
    fileprivate func transformGradient(
        _ band: UnsafePointer<Float>, tile: Int, tiles: Int, into result: UnsafeMutablePointer<Float>
    ) {
        let (columns, matrix) = (4 * target.tileColumns, tiles * outputStride)
        for column in 0..<target.tileColumns {
            let first = unsafe band + 4 * column * outputs
            let place = unsafe result + (tile + column) * outputStride
            forEachLanes(of: outputs) { channel, width in
                WinogradTransforms.square(WinogradTransforms.outputGradient) { row, column in
                    unsafe Lanes(at: first + ((row &* columns &+ column) &* outputs &+ channel), width: width)
                } store: { row, column, lanes in
                    unsafe lanes.store(to: place + ((row &* 6 &+ column) &* matrix &+ channel))
                }
            }
        }
    }
}

/// What every thread needs to know. `sums` are the gradients of the transformed kernels, [36, inputs, outputs].
@unsafe private struct WinogradGradientWork {
    let plan: WinogradConvolution
    let input: UnsafePointer<Float>
    let gradient: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    let transformed: UnsafeMutablePointer<Float>
    let gradients: UnsafeMutablePointer<Float>
    let pool: ThreadPool

    func run() {
        if unsafe plan.batch == 0 {
            return unsafe result.update(repeating: 0, count: 9 * plan.inputs * plan.outputs)
        }
        for unit in unsafe 0..<plan.units {
            let block = unsafe plan.unit(unit)
            unsafe pool.forEach(block.bands, with: (self, block)) { work, band in
                unsafe work.0.transform(band, of: work.1)
            }
            unsafe pool.forEach(36, with: (self, block.count, unit > 0)) { work, index in
                unsafe work.0.multiply(index, tiles: work.1, accumulate: work.2)
            }
        }
        unsafe pool.forEach(plan.inputs, with: self) { work, channel in unsafe work.write(channel) }
    }

    /// Transforms the inputs and the output's gradients of one row of tiles.
    private func transform(_ index: Int, of block: TileBlock) {
        let columns = 4 * block.columns + 2
        unsafe pool.withScratch(6 * columns * max(plan.inputs, plan.outputs)) { scratch in
            unsafe scratch.withAddress { band in
                let (image, row) = block.band(index)
                unsafe plan.source.stage(
                    input + image * plan.inputs * plan.source.count, channels: plan.inputs,
                    rows: 4 * row..<4 * row + 6, columns: columns, into: band)
                unsafe plan.transformInput(band, tile: index * block.columns, tiles: block.count, into: transformed)
                unsafe plan.target.stage(
                    gradient + image * plan.outputs * plan.target.count, channels: plan.outputs,
                    rows: 4 * row..<4 * row + 4, columns: columns - 2, into: band)
                unsafe plan.transformGradient(band, tile: index * block.columns, tiles: block.count, into: gradients)
            }
        }
    }

    /// Adds a block's share of one of the 36.
    private func multiply(_ index: Int, tiles: Int, accumulate: Bool) {
        let (inputs, outputs) = unsafe (plan.inputs, plan.outputs)
        let (leftStride, stride) = unsafe (plan.inputStride, plan.outputStride)
        let matrix = unsafe sums + index * plan.wholeTiles * stride
        let (left, right) = unsafe (transformed + index * tiles * leftStride, gradients + index * tiles * stride)
        for column in Swift.stride(from: 0, to: outputs, by: Tile.columns) {
            for row in Swift.stride(from: 0, to: inputs, by: Tile.rows) {
                unsafe Tile.multiply(
                    Panel(address: left + row, laneStride: 1, depthStride: leftStride),
                    Panel(address: right + column, laneStride: 1, depthStride: stride), depth: tiles,
                    rows: min(Tile.rows, inputs - row), columns: min(Tile.columns, outputs - column),
                    into: matrix + (row * stride + column), stride: stride, accumulate: accumulate)
            }
        }
    }

    /// Transforms the sums of an input channel back to the gradients of its weights.
    private func write(_ channel: Int) {
        let (inputs, stride) = unsafe (plan.inputs, plan.outputStride)
        let matrix = unsafe plan.wholeTiles * stride
        let source = unsafe sums + channel * stride
        unsafe forEachLanes(of: plan.outputs) { output, width in
            let target = unsafe result + (output * inputs + channel) * 9
            WinogradTransforms.square(WinogradTransforms.kernelGradient) { row, column in
                unsafe Lanes(at: source + ((row &* 6 &+ column) &* matrix &+ output))
            } store: { row, column, lanes in
                let place = unsafe target + (row &* 3 &+ column)
                for lane in 0..<width { unsafe place[lane &* inputs &* 9] = lanes[lane] }
            }
        }
    }
}
