import Files

/// Walks through protobuf messages in a file, reading no more of it than keys, lengths and what is asked for.
struct MessageScanner {
    /// A field of a message.
    struct Field {
        enum Value {
            case integer(UInt64)
            /// Where the contents lie in the file; they have not been read.
            case bytes(Range<Int>)
            /// Four or eight bytes, of which nothing here has a use.
            case fixed
        }

        let number: Int
        /// Where it begins in the file.
        let offset: Int
        let value: Value
    }

    // Nodes are small and many to a window; for a large parameter no more than this is read in vain.
    private static let windowByteCount = 1 << 14

    /// The longest name or description of a value, in bytes.
    static let textLimit = 1 << 16

    let file: any ReadableFile
    private var window: [UInt8] = []
    private var windowStart = 0

    init(_ file: any ReadableFile) {
        self.file = file
    }

    func damage(_ offset: Int, _ damage: MindIRDamage) -> MindIRError {
        .damaged(path: file.path, offset: offset, damage)
    }

    /// Calls `body` with each field of the message in a range, of which it may scan the contents.
    mutating func forEachField(
        in message: Range<Int>, _ body: (inout MessageScanner, Field) throws(MindIRError) -> Void
    ) throws(MindIRError) {
        var offset = message.lowerBound
        while offset < message.upperBound {
            let field = try next(&offset, end: message.upperBound)
            try body(&self, field)
        }
    }

    /// Where the contents of a message or a string lie.
    func range(of field: Field) throws(MindIRError) -> Range<Int> {
        guard case .bytes(let range) = field.value else { throw wrongType(field) }
        return range
    }

    /// A number.
    func integer(of field: Field) throws(MindIRError) -> Int {
        guard case .integer(let value) = field.value else { throw wrongType(field) }
        return Int(truncatingIfNeeded: value)
    }

    /// A string.
    func text(of field: Field) throws(MindIRError) -> String {
        let bytes = try bytes(in: try range(of: field), limit: Self.textLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw damage(field.offset, .recordInvalid) }
        return text
    }

    /// Numbers, one of several such fields or all in one field.
    mutating func integers(of field: Field) throws(MindIRError) -> [Int] {
        guard case .bytes(let range) = field.value else { return [try integer(of: field)] }
        guard range.count <= Self.textLimit else {
            throw damage(field.offset, .recordTooLong(byteCount: range.count, limit: Self.textLimit))
        }
        var integers: [Int] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            integers.append(Int(truncatingIfNeeded: try integer(&offset, end: range.upperBound)))
        }
        return integers
    }

    private func wrongType(_ field: Field) -> MindIRError { damage(field.offset, .fieldType(number: field.number)) }

    /// The bytes in a range, of which there must not be more than `limit`.
    func bytes(in range: Range<Int>, limit: Int) throws(MindIRError) -> [UInt8] {
        guard range.count <= limit else {
            throw damage(range.lowerBound, .recordTooLong(byteCount: range.count, limit: limit))
        }
        var bytes = [UInt8](repeating: 0, count: range.count)
        var span = bytes.mutableSpan
        try file.fill(&span, at: range.lowerBound)
        return bytes
    }

    /// The field at `offset`, which moves behind it.
    private mutating func next(_ offset: inout Int, end: Int) throws(MindIRError) -> Field {
        let start = offset
        let key = try integer(&offset, end: end)
        // Field numbers have 29 bits.
        guard let number = Int(exactly: key >> 3), number > 0, number < 1 << 29 else {
            throw damage(start, .fieldUnknown(key: key))
        }
        switch key & 7 {
        case 0: return Field(number: number, offset: start, value: .integer(try integer(&offset, end: end)))
        case 1, 5:
            _ = try skip(&offset, byteCount: key & 7 == 1 ? 8 : 4, end: end)
            return Field(number: number, offset: start, value: .fixed)
        case 2:
            let byteCount = try integer(&offset, end: end)
            let range = try skip(&offset, byteCount: byteCount, end: end)
            return Field(number: number, offset: start, value: .bytes(range))
        default: throw damage(start, .fieldUnknown(key: key))
        }
    }

    /// The integer at `offset`, which moves behind it.
    private mutating func integer(_ offset: inout Int, end: Int) throws(MindIRError) -> UInt64 {
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

    private func skip(_ offset: inout Int, byteCount: UInt64, end: Int) throws(MindIRError) -> Range<Int> {
        guard byteCount <= UInt64(end - offset) else {
            throw damage(offset, .cutOff(needed: byteCount, left: end - offset))
        }
        let range = offset..<offset + Int(byteCount)
        offset = range.upperBound
        return range
    }

    private mutating func byte(at offset: Int) throws(MindIRError) -> UInt8 {
        if offset < windowStart || offset >= windowStart + window.count {
            let end = min(offset + Self.windowByteCount, file.byteCount)
            window = try bytes(in: offset..<end, limit: Self.windowByteCount)
            windowStart = offset
        }
        return window[offset - windowStart]
    }
}
