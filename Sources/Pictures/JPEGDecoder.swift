import CTurboJPEG

/// JPEG by libjpeg-turbo.
enum JPEGDecoder {
    static func decode(_ bytes: [UInt8], _ pixelLimit: Int) throws(PictureError) -> Picture {
        let reading = JPEGReading()
        guard let (width, height) = reading.size(of: bytes) else {
            throw PictureError("is a JPEG file that cannot be read: \(reading.message)")
        }
        let count = try Picture.checkedPixelCount(width, height, pixelLimit)
        guard let pixels = reading.pixels(of: bytes, width, height, count) else {
            throw PictureError("is a JPEG file that cannot be read: \(reading.message)")
        }
        return Picture(width: width, height: height, pixels: pixels)
    }
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

    /// The width and height that the header states; nil if there is none.
    func size(of bytes: [UInt8]) -> (Int, Int)? {
        var (width, height, sampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let status = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe tjDecompressHeader3(
                handle, bytes.baseAddress, UInt(bytes.count), &width, &height, &sampling, &colours)
        }
        guard status == 0 || isUsable, width > 0, height > 0 else { return nil }
        return (Int(width), Int(height))
    }

    /// Three bytes a pixel; nil if they cannot be read, or end too early.
    func pixels(of bytes: [UInt8], _ width: Int, _ height: Int, _ count: Int) -> [UInt8]? {
        var pixels = [UInt8](repeating: 0, count: 3 * count)
        let status = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe pixels.withUnsafeMutableBufferPointer { pixels in
                unsafe lockstep_jpeg_read(
                    handle, bytes.baseAddress, UInt(bytes.count), pixels.baseAddress, Int32(width), Int32(height))
            }
        }
        return status == 0 || isUsable ? pixels : nil
    }

    /// Whether all pixels are there though something is odd, as an unknown marker is.
    private var isUsable: Bool {
        unsafe lockstep_jpeg_is_warning(handle) != 0 && !message.contains("Premature end")
            && !message.contains("Corrupt")
    }
}
