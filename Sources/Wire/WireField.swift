/// A field of a protobuf message in a file.
public struct WireField: Sendable {
    /// What a field holds.
    public enum Value: Sendable {
        /// A number.
        case integer(UInt64)

        /// Where the contents lie in the file; they have not been read.
        case bytes(Range<Int>)

        /// Four or eight bytes, of which this project has no use.
        case fixed
    }

    /// Its number in the message.
    public let number: Int

    /// Where it begins in the file.
    public let offset: Int

    /// What it holds.
    public let value: Value
}
