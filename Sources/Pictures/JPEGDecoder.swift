import CTurboJPEG

/// JPEG by libjpeg-turbo.
enum JPEGDecoder {
    static func decode(_ bytes: [UInt8], _ pixelLimit: Int) throws(PictureError) -> Picture {
        let reading = JPEGReading()
        let bytes = JPEGReading.withoutStrayBytes(bytes)
        guard let header = reading.header(of: bytes) else {
            throw PictureError("is a JPEG file that cannot be read: \(reading.message)")
        }
        let count = try Picture.checkedPixelCount(header.width, header.height, pixelLimit)
        guard let pixels = reading.pixels(of: bytes, header, count) else {
            throw PictureError("is a JPEG file that cannot be read: \(reading.message)")
        }
        return Picture(
            width: header.width, height: header.height, pixels: header.isCMYK ? colours(ofCMYK: pixels) : pixels)
    }

    /// Red, green and blue of cyan, magenta, yellow and black, which stand inverted, as Adobe's programs write them and Pillow
    /// reads them.
    private static func colours(ofCMYK pixels: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count / 4 * 3)
        for start in stride(from: 0, to: pixels.count, by: 4) {
            let light = Int(pixels[start + 3])
            for place in start..<start + 3 {
                // The share of the light that this ink takes, rounded as Pillow does.
                let product = (255 - Int(pixels[place])) * light + 128
                result.append(UInt8(max(light - ((product >> 8) + product) >> 8, 0)))
            }
        }
        return result
    }
}

/// What the header of a file says.
private struct JPEGHeader {
    let width: Int
    let height: Int
    let isCMYK: Bool
}

/// A decompressor of libjpeg-turbo.
@safe private final class JPEGReading {
    private let handle: tjhandle

    init() {
        guard let handle = unsafe tjInitDecompress() else { fatalError("no memory to decompress with") }
        unsafe self.handle = handle
    }

    deinit { unsafe tjDestroy(handle) }

    /// What the library says is wrong.
    var message: String { unsafe String(cString: tjGetErrorStr2(handle)) }

    /// The header; nil if there is none.
    func header(of bytes: [UInt8]) -> JPEGHeader? {
        var (width, height, sampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let status = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe tjDecompressHeader3(
                handle, bytes.baseAddress, UInt(bytes.count), &width, &height, &sampling, &colours)
        }
        guard status == 0 || isHarmless, width > 0, height > 0 else { return nil }
        return JPEGHeader(width: Int(width), height: Int(height), isCMYK: lockstep_jpeg_is_cmyk(colours) != 0)
    }

    /// Three bytes a pixel, or four of CMYK; nil if they cannot be read, or end too early.
    func pixels(of bytes: [UInt8], _ header: JPEGHeader, _ count: Int) -> [UInt8]? {
        var pixels = [UInt8](repeating: 0, count: (header.isCMYK ? 4 : 3) * count)
        let status = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe pixels.withUnsafeMutableBufferPointer { pixels in
                unsafe lockstep_jpeg_read(
                    handle, bytes.baseAddress, UInt(bytes.count), pixels.baseAddress, Int32(header.width),
                    Int32(header.height), header.isCMYK ? 1 : 0)
            }
        }
        // The library tells of its first warning only, which the one of a missing end may follow.
        return status == 0 || isHarmless && Self.ends(bytes) ? pixels : nil
    }

    /// Whether all that the library says is that there is something odd beside the pixels.
    ///
    /// It also calls a failure a warning that comes after one, and its words are those of the failure then.
    private var isHarmless: Bool {
        let message = message
        return unsafe lockstep_jpeg_is_warning(handle) != 0 && Self.harmless.contains { message.contains($0) }
    }

    /// The words of libjpeg's warnings that say nothing against the pixels.
    private static let harmless = [
        "extraneous bytes before marker 0xd9", "Unknown Adobe color transform code", "unknown JFIF revision number",
        "Invalid SOS parameters for sequential JPEG",
    ]

    /// The file without stray bytes between the segments in front of the first scan (FF DA): the library would speak of these,
    /// and not of what is wrong with the pixels.
    static func withoutStrayBytes(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.starts(with: [0xFF, 0xD8]) else { return bytes }
        var (result, place) = ([0xFF, 0xD8] as [UInt8], 2)
        while place + 3 < bytes.count {
            let marker = bytes[place + 1]
            // A byte that begins no marker, one that fills up, or an escaped FF.
            guard bytes[place] == 0xFF, marker != 0xFF, marker != 0 else {
                place += bytes[place] == 0xFF && marker == 0 ? 2 : 1
                continue
            }
            if marker == 0xDA { return place == result.count ? bytes : result + bytes[place...] }
            let end = place + 2 + (Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
            guard end > place + 3, end <= bytes.count else { return bytes }
            result += bytes[place..<end]
            place = end
        }
        return bytes
    }

    /// Whether the last scan (FF DA) is followed by the end of the picture (FF D9), which no pixels look like.
    private static func ends(_ bytes: [UInt8]) -> Bool {
        var ends = false
        for place in bytes.indices.dropFirst().reversed() where bytes[place - 1] == 0xFF {
            if bytes[place] == 0xDA { break }
            ends = ends || bytes[place] == 0xD9
        }
        return ends
    }
}
