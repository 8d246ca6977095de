/// The name of a file, taken apart from both ends, byte by byte.
///
/// A directory may have a hundred thousand names, and a regular expression takes a hundred times as long for each.
package struct NameScanner {
    private static let decimalDigits = UInt8(ascii: "0")...UInt8(ascii: "9")

    private var rest: Substring.UTF8View

    /// Begins with a whole name.
    package init(_ name: String) {
        rest = Substring(name).utf8
    }

    /// What is left of the name.
    package var text: String { String(Substring(rest)) }

    /// Whether nothing is left.
    package var isEmpty: Bool { rest.isEmpty }

    /// Takes a text away from the beginning; false if it does not stand there.
    package mutating func drop(prefix: String) -> Bool {
        guard rest.starts(with: prefix.utf8) else { return false }
        rest = rest.dropFirst(prefix.utf8.count)
        return true
    }

    /// Takes a text away from the end; false if it does not stand there.
    @discardableResult
    package mutating func drop(suffix: String) -> Bool {
        guard rest.reversed().starts(with: suffix.utf8.reversed()) else { return false }
        rest = rest.dropLast(suffix.utf8.count)
        return true
    }

    /// Takes all decimal digits away from the end; nil if there are none.
    package mutating func dropDigitsAtEnd() -> String? {
        dropAtEnd(Self.decimalDigits.contains)
    }

    /// Takes all hexadecimal digits away from the end; nil if there are none, or more than `limit`.
    package mutating func dropHexadecimalAtEnd(limit: Int = .max) -> String? {
        var other = self
        let digits = other.dropAtEnd { byte in
            Self.decimalDigits.contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard let digits, digits.utf8.count <= limit else { return nil }
        self = other
        return digits
    }

    private mutating func dropAtEnd(_ isWanted: (UInt8) -> Bool) -> String? {
        let count = rest.reversed().prefix(while: isWanted).count
        guard count > 0 else { return nil }
        let end = Substring(rest.suffix(count))
        rest = rest.dropLast(count)
        return String(end)
    }
}
