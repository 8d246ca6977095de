import Memory

/// Bilinear enlargement of grey images to a square, in integers, so that every machine gets the same pixels.
///
/// Pixel centres lie at halves and edges are clamped, as with MindSpore's `Inter.LINEAR`: pixel o of `side` lies at
/// (o + ½)·n/side − ½ among n source pixels. That is a whole number of parts of 1/(2·side), so no weight is rounded.
package struct ImageEnlarger {
    private let width: Int
    private let height: Int
    private let rows: [Interpolation]
    private let columns: [Interpolation]

    /// Prepares for images of `height` × `width` pixels, both from 1 to `side`.
    package init(height: Int, width: Int, side: Int) {
        insist(
            1...side ~= height && 1...side ~= width, "a \(height)×\(width) image cannot be enlarged to \(side)×\(side)")
        self.width = width
        self.height = height
        rows = (0..<side).map { Interpolation(at: $0, of: side, in: height) }
        columns = (0..<side).map { Interpolation(at: $0, of: side, in: width) }
    }

    /// Enlarges consecutive images; both lie in row-major order.
    package func enlarge(_ images: [UInt8]) -> [UInt8] {
        let count = images.count / (height * width)
        insist(images.count == count * height * width, "\(images.count) bytes are no \(height)×\(width) images")
        var result: [UInt8] = []
        result.reserveCapacity(count * rows.count * columns.count)
        for image in 0..<count {
            for row in rows {
                let low = (image * height + row.low) * width
                let high = (image * height + row.high) * width
                for column in columns {
                    let top = column.mix(images[low + column.low], images[low + column.high])
                    let bottom = column.mix(images[high + column.low], images[high + column.high])
                    let sum = row.mix(top, bottom)
                    let whole = row.unit * column.unit
                    result.append(UInt8((sum + whole / 2) / whole))
                }
            }
        }
        return result
    }
}

/// Where a pixel of the result lies between two of the source.
private struct Interpolation {
    let low: Int
    let high: Int
    /// The weight of `high`, in parts of `unit`; `low` has the rest.
    let weight: Int
    let unit: Int

    init(at index: Int, of side: Int, in count: Int) {
        unit = 2 * side
        let position = (2 * index + 1) * count - side
        // Before the first centre the position is negative: both neighbours are then pixel 0.
        let floor = position < 0 ? -1 : position / unit
        low = max(floor, 0)
        high = min(floor + 1, count - 1)
        weight = position - floor * unit
    }

    func mix<Value: FixedWidthInteger>(_ a: Value, _ b: Value) -> Int {
        Int(a) * (unit - weight) + Int(b) * weight
    }
}
