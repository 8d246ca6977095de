/// PPM (P6) and PGM (P5), the binary formats of Netpbm.
enum PPMDecoder {
    static func decode(_ bytes: [UInt8], _ pixelLimit: Int) throws(PictureError) -> Picture {
        let kind = bytes[1] == 0x36 ? "PPM" : "PGM"
        var place = 2
        var numbers: [Int] = []
        while numbers.count < 3 { numbers.append(try number(in: bytes, &place, kind)) }
        guard place < bytes.count, isSpace(bytes[place]) else {
            throw PictureError("is a \(kind) file whose header does not end at byte \(place)")
        }
        place += 1
        let (width, height, most) = (numbers[0], numbers[1], numbers[2])
        guard 1...65_535 ~= most else {
            throw PictureError("is a \(kind) file whose highest value is \(most); 1 to 65535 are allowed")
        }
        let count = try Picture.checkedPixelCount(width, height, pixelLimit)
        let size = most < 256 ? 1 : 2
        let values = count * (kind == "PPM" ? 3 : 1)
        guard bytes.count - place >= values * size else {
            throw PictureError(
                "is a \(kind) file that is cut off: \(width)×\(height) pixels are \(values * size) bytes behind byte \(place), and "
                    + "\(bytes.count - place) are there")
        }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * count)
        for index in 0..<values {
            let start = place + index * size
            let value = size == 1 ? Int(bytes[start]) : Int(bytes[start]) << 8 | Int(bytes[start + 1])
            let pixel = UInt8((min(value, most) * 255 + most / 2) / most)
            for _ in 0..<(kind == "PPM" ? 1 : 3) { pixels.append(pixel) }
        }
        return Picture(width: width, height: height, pixels: pixels)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    /// The next number of the header, which space and comments may stand before.
    private static func number(in bytes: [UInt8], _ place: inout Int, _ kind: String) throws(PictureError) -> Int {
        while place < bytes.count, isSpace(bytes[place]) || bytes[place] == 0x23 {
            if bytes[place] == 0x23 {
                while place < bytes.count, bytes[place] != 0x0A { place += 1 }
            } else {
                place += 1
            }
        }
        let start = place
        var value = 0
        while place < bytes.count, 0x30...0x39 ~= bytes[place], place - start < 10 {
            value = value * 10 + Int(bytes[place] - 0x30)
            place += 1
        }
        guard place > start else {
            throw PictureError("is a \(kind) file with no number at byte \(start) of its header")
        }
        return value
    }
}
