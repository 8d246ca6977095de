public import Files

/// Walks through protobuf messages in a file, reading no more of it than keys, lengths and what is asked for.
public struct WireScanner<Failure: WireFailure> {
    /// The file.
    public let file: any ReadableFile

    private var window: [UInt8] = []
    private var windowStart = 0

    /// Begins with a file.
    public init(_ file: any ReadableFile) {
        self.file = file
    }

    /// The error that something is wrong at a place of the file.
    public func damage(_ offset: Int, _ damage: Failure.Damage) -> Failure {
        .damaged(path: file.path, offset: offset, damage)
    }

    /// The field at `offset`, which moves behind it; nil at the end of the message.
    public mutating func next(_ offset: inout Int, end: Int) throws(Failure) -> WireField? {
        guard offset < end else { return nil }
        let start = offset
        let key = try integer(&offset, end: end)
        // Field numbers have 29 bits.
        guard let number = Int(exactly: key >> 3), number > 0, number < 1 << 29 else {
            throw damage(start, .fieldUnknown(key: key))
        }
        switch key & 7 {
        case 0: return WireField(number: number, offset: start, value: .integer(try integer(&offset, end: end)))
        case 1, 5:
            _ = try range(&offset, byteCount: key & 7 == 1 ? 8 : 4, end: end)
            return WireField(number: number, offset: start, value: .fixed)
        case 2:
            let byteCount = try integer(&offset, end: end)
            return WireField(
                number: number, offset: start, value: .bytes(try range(&offset, byteCount: byteCount, end: end)))
        default: throw damage(start, .fieldUnknown(key: key))
        }
    }

    /// The integer at `offset`, which moves behind it.
    public mutating func integer(_ offset: inout Int, end: Int) throws(Failure) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        for shift in stride(from: 0, through: 63, by: 7) {
            guard offset < end else { throw damage(offset, .cutOff(needed: 1, left: 0)) }
            let byte = UInt64(try byte(at: offset))
            offset += 1
            // The tenth byte has room for one bit.
            guard shift < 63 || byte <= 1 else { break }
            value |= (byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw damage(start, .integerTooLong)
    }

    /// The bytes in a range that the caller has found small enough.
    public func bytes(in range: Range<Int>) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var span = bytes.mutableSpan
        do {
            try file.read(into: &span, at: range.lowerBound)
        } catch {
            throw .file(error)
        }
        return bytes
    }

    private func range(_ offset: inout Int, byteCount: UInt64, end: Int) throws(Failure) -> Range<Int> {
        guard byteCount <= UInt64(end - offset) else {
            throw damage(offset, .cutOff(needed: byteCount, left: end - offset))
        }
        let range = offset..<offset + Int(byteCount)
        offset = range.upperBound
        return range
    }

    private mutating func byte(at offset: Int) throws(Failure) -> UInt8 {
        if offset < windowStart || offset >= windowStart + window.count {
            window = try bytes(in: offset..<min(offset + windowByteCount, file.byteCount))
            windowStart = offset
        }
        return window[offset - windowStart]
    }
}

// Small records are many to a window; for a large one no more than this is read in vain.
private let windowByteCount = 1 << 14
