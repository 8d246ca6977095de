extension ProductPass {
    /// Adds the products of a block of channels to the output.
    func addProducts(_ unit: ProductUnit, _ channels: Range<Int>) {
        unsafe forEachPlane(unit, channels) { place, staged in
            unsafe plan.plane.fill(staged, from: source + place)
        }
        let (group, images) = unsafe (unit.group, unit.images)
        for index in unsafe 0..<plan.panels(of: images.count, keepsImages: false) {
            let columns = unsafe plan.columns(of: index, images: images.count, keepsImages: false)
            unsafe forEachPiece(of: columns, channels.count, unit.staged, unit.panel) { staged, column, count in
                forEachLanes(of: count) { lane, width in
                    unsafe Lanes(at: staged + lane).store(to: column + lane, width: width)
                }
            }
            let image =
                unsafe result + plan.output(image: images.lowerBound + columns.image, group: group)
            let (target, step) =
                unsafe plan.joins
                ? (unit.aside + columns.image * places + columns.place, images.count * places)
                : (image + columns.place, places)
            unsafe multiply(
                unit, channels, columns: columns.count, step: channels.count * plan.geometry.taps,
                into: target,
                stride: step, accumulate: channels.lowerBound > 0)
        }
    }

    /// Puts what was computed aside for all images together into the output.
    func separate(_ unit: ProductUnit) {
        let (images, places) = unsafe (unit.images, places)
        for (index, image) in images.enumerated() {
            let target = unsafe result + plan.output(image: image, group: unit.group)
            for row in unsafe 0..<plan.geometry.outputsOfGroup {
                let source = unsafe unit.aside + (row * images.count + index) * places
                unsafe (target + row * places).update(from: source, count: places)
            }
        }
    }
}
