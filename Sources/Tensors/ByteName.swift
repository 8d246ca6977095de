/// A name that is compared by its UTF-8 bytes, as files and MindSpore compare names.
///
/// Swift takes canonically equal texts for the same: "é" as one code point, and as an e with an accent behind it. In a
/// checkpoint these are two tensors. So whatever has the name of a tensor or of a file as its key is keyed by this:
///
///     var positions: [ByteName: Int] = [:]
///     positions["conv1.weight"] = 0
public struct ByteName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name.
    public let text: String

    /// Makes a name.
    public init(_ text: String) {
        self.text = text
    }

    /// The name.
    public var description: String { text }

    /// Whether all bytes are equal.
    public static func == (left: ByteName, right: ByteName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Whether the bytes of `left` come first, which is also the order of code points.
    public static func < (left: ByteName, right: ByteName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        // No byte of UTF-8.
        hasher.combine(0xFF as UInt8)
    }
}

extension Dictionary where Key == ByteName {
    /// The value of a name.
    public subscript(name: String) -> Value? {
        get { self[ByteName(name)] }
        set { self[ByteName(name)] = newValue }
    }
}

extension Set where Element == ByteName {
    /// Whether there is such a name.
    public func contains(_ name: String) -> Bool { contains(ByteName(name)) }

    /// Adds a name; false if it is there already.
    @discardableResult
    public mutating func add(_ name: String) -> Bool { insert(ByteName(name)).inserted }
}
