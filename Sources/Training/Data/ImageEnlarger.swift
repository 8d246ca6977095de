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
    /// The binary logarithm of what the weights of a pixel add up to.
    private let weightBits: Int

    /// Prepares for images of `height` × `width` pixels, both from 1 to `side`.
    package init(height: Int, width: Int, side: Int) {
        insist(
            1...side ~= height && 1...side ~= width, "a \(height)×\(width) image cannot be enlarged to \(side)×\(side)")
        insist(side.nonzeroBitCount == 1, "\(side) is no power of two")
        weightBits = 2 * (2 * side).trailingZeroBitCount
        self.width = width
        self.height = height
        rows = (0..<side).map { Interpolation(at: $0, of: side, in: height) }
        columns = (0..<side).map { Interpolation(at: $0, of: side, in: width) }
    }

    /// The number of pixels of an image that is enlarged.
    var sourcePixelCount: Int { height * width }

    /// Enlarges consecutive images; both lie in row-major order.
    package func enlarge(_ images: [UInt8]) -> [UInt8] {
        let count = images.count / (height * width)
        insist(images.count == count * height * width, "\(images.count) bytes are no \(height)×\(width) images")
        let pixelCount = rows.count * columns.count
        var result = [UInt8](repeating: 0, count: count * pixelCount)
        var target = result.mutableSpan
        for image in 0..<count {
            enlarge(images.span, at: image * height * width) { place, pixel in
                target[image * pixelCount + place] = pixel
            }
        }
        return result
    }

    /// Enlarges the image that begins at a place, and gives the pixels to `put` in row-major order.
    @inline(__always)
    func enlarge(_ images: Span<UInt8>, at start: Int, _ put: (_ place: Int, _ pixel: UInt8) -> Void) {
        let half = 1 << (weightBits - 1)
        for (y, row) in rows.enumerated() {
            let low = start + row.low * width
            let high = start + row.high * width
            for (x, column) in columns.enumerated() {
                let top = column.mix(images[low + column.low], images[low + column.high])
                let bottom = column.mix(images[high + column.low], images[high + column.high])
                put(y * columns.count + x, UInt8(truncatingIfNeeded: (row.mix(top, bottom) + half) >> weightBits))
            }
        }
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
