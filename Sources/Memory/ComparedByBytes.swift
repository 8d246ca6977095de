/// A name that is compared by its UTF-8 bytes, as files and MindSpore compare names.
///
/// Swift takes canonically equal texts for the same: "é" as one code point, and as an e with an accent behind it. On a disk
/// and in a checkpoint these are two names.
public protocol ComparedByBytes: Hashable, Comparable {
    /// The name.
    var text: String { get }
}

extension ComparedByBytes {
    /// Whether all bytes are equal.
    public static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    /// Whether the bytes of `left` come first, which is also the order of code points.
    public static func < (left: Self, right: Self) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        // No byte of UTF-8.
        hasher.combine(0xFF as UInt8)
    }
}
