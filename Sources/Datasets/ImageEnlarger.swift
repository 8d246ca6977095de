import Memory

/// Bilinear enlargement of grey images to a square, in integers, so that every machine gets the same pixels.
///
/// The pixels lie as ``Neighbours`` says, so no weight is rounded.
package struct ImageEnlarger {
    private let width: Int
    private let height: Int
    private let rows: [Interpolation]
    private let columns: [Interpolation]
    /// The binary logarithm of what the weights of a pixel add up to.
    private let weightBits: UInt32

    /// Prepares for images of `height` × `width` pixels, both from 1 to `side`.
    package init(height: Int, width: Int, side: Int) {
        insist(
            1...side ~= height && 1...side ~= width, "a \(height)×\(width) image cannot be enlarged to \(side)×\(side)")
        insist(side.nonzeroBitCount == 1, "\(side) is no power of two")
        weightBits = UInt32(2 * (2 * side).trailingZeroBitCount)
        self.width = width
        self.height = height
        rows = (0..<side).map { Interpolation(Neighbours(of: $0, of: side, in: height)) }
        columns = (0..<side).map { Interpolation(Neighbours(of: $0, of: side, in: width)) }
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
    ///
    /// First along the columns, then along the row that this gives, whose pixels are used several times.
    @inline(__always)
    func enlarge(_ images: Span<UInt8>, at start: Int, _ put: (_ place: Int, _ pixel: UInt8) -> Void) {
        let half: UInt32 = 1 << (weightBits - 1)
        var scratch = [UInt32](repeating: 0, count: width)
        var line = scratch.mutableSpan
        let columns = columns.span
        var place = 0
        for row in rows {
            let low = images.extracting(start + row.low * width..<start + (row.low + 1) * width)
            let high = images.extracting(start + row.high * width..<start + (row.high + 1) * width)
            for index in 0..<width { line[index] = row.mix(UInt32(low[index]), UInt32(high[index])) }
            for index in columns.indices {
                let column = columns[index]
                let sum = column.mix(line[column.low], line[column.high])
                put(place, UInt8(truncatingIfNeeded: (sum + half) >> weightBits))
                place += 1
            }
        }
    }
}

/// Where a pixel of the result lies between two of the source.
private struct Interpolation {
    let low: Int
    let high: Int
    /// The weight of `high`; `low` has the rest of what weights add up to.
    let weight: UInt32
    let rest: UInt32

    init(_ place: Neighbours) {
        (low, high) = (place.low, place.high)
        weight = UInt32(place.part)
        rest = UInt32(place.unit - place.part)
    }

    func mix(_ a: UInt32, _ b: UInt32) -> UInt32 { a * rest + b * weight }
}
