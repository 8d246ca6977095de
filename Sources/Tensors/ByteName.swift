public import Memory

/// A name that is compared by its UTF-8 bytes, as files and MindSpore compare names: whatever has the name of a tensor or of
/// a file as its key is keyed by this.
///
///     var positions: [ByteName: Int] = [:]
///     positions["conv1.weight"] = 0
public struct ByteName: ComparedByBytes, Sendable, CustomStringConvertible {
    /// The name.
    public let text: String

    /// Makes a name.
    public init(_ text: String) {
        self.text = text
    }

    /// The name.
    public var description: String { text }
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
