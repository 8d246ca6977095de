/// Writes protobuf's wire format: keys and lengths before contents, the shortest form of each integer.
public struct WireEncoder: Sendable {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// Begins with nothing.
    public init() {}

    private mutating func integer(_ value: Int) {
        var rest = UInt64(truncatingIfNeeded: value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Appends a field with a number in it; a negative one takes ten bytes.
    public mutating func field(_ number: Int, _ value: Int) {
        integer(number << 3)
        integer(value)
    }

    /// Appends the head of a field whose `byteCount` bytes the caller writes after it.
    public mutating func field(_ number: Int, byteCount: Int) {
        integer(number << 3 | 2)
        integer(byteCount)
    }

    /// Appends a field with bytes in it: a text, or a message.
    public mutating func field(_ number: Int, _ contents: [UInt8]) {
        field(number, byteCount: contents.count)
        bytes += contents
    }

    /// Appends bytes as they are.
    public mutating func append(_ other: [UInt8]) {
        bytes += other
    }
}
