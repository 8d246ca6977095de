public import Memory
public import SystemPackage

/// A name from outside that can be that of a file in a directory, and of nothing elsewhere: the one way in which a text
/// that a file, a peer or a command line gives becomes part of a path.
///
/// It is not empty, "." or "..", has no "/" and no control characters, and is compared by its bytes.
public struct FileName: ComparedByBytes, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name.
    public let text: String

    /// Takes a text if it is such a name.
    public init?(_ text: String) {
        guard !text.isEmpty, text != ".", text != "..",
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0 != "/" })
        else { return nil }
        self.text = text
    }

    /// A name that stands in the code.
    public init(stringLiteral text: String) {
        guard let name = FileName(text) else { preconditionFailure("\"\(text)\" cannot be the name of a file") }
        self = name
    }

    /// The name.
    public var description: String { text }

    /// Whether it begins with a dot.
    public var isHidden: Bool { text.utf8.first == UInt8(ascii: ".") }

    /// What stands before a suffix such as ".json"; nil if it does not end so, or nothing stands there that is a name.
    public func stem(before suffix: String) -> FileName? {
        guard text.utf8.count > suffix.utf8.count, text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        else { return nil }
        return FileName(String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self))
    }
}

extension FilePath {
    /// The file of a name in this directory; `suffix` is put behind the name.
    public func appending(_ name: FileName, suffix: String = "") -> FilePath { appending(name.text + suffix) }
}
