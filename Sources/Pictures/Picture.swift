/// A picture of 8-bit pixels, as a PNG, JPEG, PPM or PGM file holds it.
public struct Picture: Equatable, Sendable {
    /// The width in pixels.
    public let width: Int

    /// The height in pixels.
    public let height: Int

    /// Red, green and blue of each pixel, row by row.
    public let pixels: [UInt8]

    /// The most pixels that are unpacked: a small file may claim any number.
    public static let pixelLimit = 1 << 26

    /// Makes a picture of pixels.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == 3 * width * height, "\(pixels.count) bytes are no picture of \(width)×\(height)")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Decodes a file, whatever its name: what it is shows at its first bytes.
    ///
    /// What a picture says of transparency is left out, and so are profiles of colours, as Pillow's `convert("RGB")` does. Numbers
    /// of other than 8 bits are brought to 8 in proportion, the highest to 255. Colours of printing (CMYK) become red, green and
    /// blue.
    ///
    /// - Throws: ``PictureError`` in words, fit to follow the file's name.
    public init(decoding bytes: [UInt8], pixelLimit: Int = pixelLimit) throws(PictureError) {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            self = try PNGDecoder.decode(bytes, pixelLimit)
        } else if bytes.starts(with: [0xFF, 0xD8]) {
            self = try JPEGDecoder.decode(bytes, pixelLimit)
        } else if bytes.starts(with: [0x50, 0x35]) || bytes.starts(with: [0x50, 0x36]) {
            self = try PPMDecoder.decode(bytes, pixelLimit)
        } else {
            throw PictureError("is no picture that can be read: PNG, JPEG, PPM (P6) and PGM (P5) are allowed")
        }
    }

    /// One number a pixel, with the weights of ITU-R 601, as Pillow's `convert("L")` computes it.
    public var grey: [UInt8] {
        (0..<width * height).map { pixel in
            let (red, green, blue) = (Int(pixels[3 * pixel]), Int(pixels[3 * pixel + 1]), Int(pixels[3 * pixel + 2]))
            return UInt8((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16)
        }
    }

    /// The number of pixels, if a picture may have it.
    static func checkedPixelCount(_ width: Int, _ height: Int, _ limit: Int) throws(PictureError) -> Int {
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        guard width > 0, height > 0, !overflow, count <= limit else {
            throw PictureError("claims \(width)×\(height) pixels; 1 to \(limit) are allowed")
        }
        return count
    }
}

/// Why bytes are no picture that can be used.
public struct PictureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, fit to follow the name of a file: "is cut off: …".
    public let description: String

    init(_ description: String) { self.description = description }
}
