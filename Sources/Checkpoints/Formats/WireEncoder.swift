/// Writes protobuf's wire format: keys and lengths before contents, the shortest form of each integer.
struct WireEncoder {
    private(set) var bytes: [UInt8] = []

    mutating func integer(_ value: Int) {
        var rest = UInt64(truncatingIfNeeded: value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func field(_ number: Int, _ value: Int) {
        integer(number << 3)
        integer(value)
    }

    /// The head of a field whose `byteCount` bytes the caller writes after it.
    mutating func field(_ number: Int, byteCount: Int) {
        integer(number << 3 | 2)
        integer(byteCount)
    }

    mutating func field(_ number: Int, _ contents: [UInt8]) {
        field(number, byteCount: contents.count)
        bytes += contents
    }

    mutating func append(_ other: [UInt8]) {
        bytes += other
    }
}
