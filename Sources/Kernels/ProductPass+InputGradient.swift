extension ProductPass {
    /// Computes the input's gradient of a block of channels.
    ///
    /// The product of the transposed kernels with the output's gradients is the gradient of every column; each is added to
    /// the place of the staged plane that the column was read from. No product is with a zero, whatever the stride.
    func addGradients(_ unit: ProductUnit, _ channels: Range<Int>) {
        let (images, outputs) = unsafe (unit.images, plan.geometry.outputsOfGroup)
        unsafe unit.staged.update(
            repeating: 0, count: images.count * plan.channelBlock * plan.plane.count)
        // Equal blocks, as for other products.
        let blocks = (outputs + ProductConvolution.depthBlock - 1) / ProductConvolution.depthBlock
        for index in unsafe 0..<plan.panels(of: images.count, keepsImages: true) {
            let columns = unsafe plan.columns(of: index, images: images.count, keepsImages: true)
            unsafe packGradients(columns, unit)
            unsafe multiply(
                unit, channels, columns: columns.count, step: (outputs + blocks - 1) / blocks,
                into: unit.aside,
                stride: Tile.columns, accumulate: false)
            unsafe forEachPiece(of: columns, channels.count, unit.staged, unit.aside) { staged, column, count in
                forEachLanes(of: count) { lane, width in
                    let sum = unsafe Lanes(at: staged + lane) + Lanes(at: column + lane)
                    unsafe sum.store(to: staged + lane, width: width)
                }
            }
        }
        // What was staged, without the padding.
        unsafe forEachPlane(unit, channels) { place, staged in
            unsafe plan.plane.empty(staged, into: result + place)
        }
    }

    /// Packs the output's gradients at up to 32 places as [outputs, 32].
    private func packGradients(_ columns: ColumnRange, _ unit: ProductUnit) {
        let (places, outputs) = unsafe (places, plan.geometry.outputsOfGroup)
        var (image, place, before) = unsafe (unit.images.lowerBound + columns.image, columns.place, 0)
        while before < columns.count {
            let count = min(places - place, columns.count - before)
            let first = unsafe source + plan.output(image: image, group: unit.group) + place
            for output in 0..<outputs {
                let (from, to) = unsafe (
                    first + output &* places, unit.panel + (output &* Tile.columns &+ before)
                )
                forEachLanes(of: count) { lane, width in
                    unsafe Lanes(at: from + lane, width: width).store(to: to + lane, width: width)
                }
            }
            before += count
            image += 1
            place = 0
        }
    }
}
