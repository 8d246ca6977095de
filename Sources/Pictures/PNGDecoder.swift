import CPNG

/// PNG by libpng.
enum PNGDecoder {
    static func decode(_ bytes: [UInt8], _ pixelLimit: Int) throws(PictureError) -> Picture {
        let reading = PNGReading()
        guard reading.begin(bytes) else { throw PictureError("is a PNG file that cannot be read: \(reading.message)") }
        let (width, height) = reading.size
        let count = try Picture.checkedPixelCount(width, height, pixelLimit)
        guard let pixels = reading.finish(count) else {
            throw PictureError("is a PNG file that cannot be read: \(reading.message)")
        }
        // Without the transparency.
        var colours = [UInt8](repeating: 0, count: 3 * count)
        for pixel in 0..<count {
            for colour in 0..<3 { colours[3 * pixel + colour] = pixels[4 * pixel + colour] }
        }
        return Picture(width: width, height: height, pixels: colours)
    }
}

/// libpng's state, at an address that stays. It keeps a pointer to the bytes too, which are copied for that.
@safe private final class PNGReading {
    private let image: UnsafeMutablePointer<png_image>
    private var source: UnsafeMutableBufferPointer<UInt8>?

    init() {
        unsafe image = .allocate(capacity: 1)
        unsafe image.initialize(to: png_image())
    }

    deinit {
        unsafe png_image_free(image)
        unsafe image.deallocate()
        unsafe source?.deallocate()
    }

    /// Reads the header; false if there is none.
    func begin(_ bytes: [UInt8]) -> Bool {
        let bytes = Self.withoutProfile(bytes)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe copy.initialize(from: bytes)
        unsafe source = copy
        return unsafe lockstep_png_begin(image, copy.baseAddress, copy.count) != 0
    }

    /// The file without the chunks that say how its numbers become brightness and colours, which libpng would heed.
    private static func withoutProfile(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > 8 else { return bytes }
        var (result, place): ([UInt8]?, Int) = (nil, 8)
        // A chunk is its length, a name of four letters, as many bytes, and a checksum.
        while bytes.count - place >= 12 {
            let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytes.count - place - 12 else { break }
            let chunk = bytes[place..<place + 12 + length]
            if profiles.contains(where: chunk.dropFirst(4).starts(with:)) {
                result = result ?? Array(bytes[..<place])
            } else {
                result? += chunk
            }
            place = chunk.endIndex
        }
        return result.map { $0 + bytes[place...] } ?? bytes
    }

    private static let profiles = ["gAMA", "cHRM", "sRGB", "iCCP"].map { Array($0.utf8) }

    var size: (width: Int, height: Int) { unsafe (Int(image.pointee.width), Int(image.pointee.height)) }

    /// What libpng says is wrong.
    var message: String { unsafe String(cString: lockstep_png_message(image)) }

    /// Reads the pixels, four bytes each; nil if they cannot be read.
    func finish(_ count: Int) -> [UInt8]? {
        var isRead = false
        var pixels = [UInt8](repeating: 0, count: 4 * count)
        unsafe pixels.withUnsafeMutableBytes { pixels in
            unsafe isRead = lockstep_png_finish(image, pixels.baseAddress) != 0
        }
        return isRead ? pixels : nil
    }
}
