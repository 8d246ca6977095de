public import SystemPackage

extension FilePath {
    /// Makes a path of a text that ``text`` or ``CommandArguments`` gave, with every byte that was in it.
    public init(text: String) {
        let characters = StrayByte.bytes(of: text).map { CInterop.PlatformChar(bitPattern: $0) } + [0]
        self = unsafe characters.withUnsafeBufferPointer { characters in
            unsafe characters.baseAddress.map { unsafe FilePath(platformString: $0) } ?? FilePath()
        }
    }

    /// The path as a text from which `FilePath(text:)` makes the same path.
    ///
    /// A path is bytes, and not always UTF-8. `string` repairs bytes that are not, and then names something else.
    public var text: String { unsafe withPlatformString { unsafe StrayByte.text(of: $0) } }
}

/// The words on the command line of this process, with every byte of them: `CommandLine.arguments` repairs bytes that are not
/// UTF-8, and a repaired path is another path. `FilePath(text:)` makes a path of a word.
public enum CommandArguments {
    /// The words after the program's name.
    public static let texts: [String] = (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
        unsafe CommandLine.unsafeArgv[index].map { unsafe StrayByte.text(of: $0) }
    }
}

/// A byte that is no part of UTF-8, as a character in a text: one of the last 128 there are, which nobody uses.
private struct StrayByte {
    private static let characters: ClosedRange<UInt32> = 0x10_FF80...0x10_FFFF

    let byte: UInt8

    /// The byte that a character stands for.
    init?(_ character: Unicode.Scalar) {
        guard Self.characters.contains(character.value) else { return nil }
        byte = UInt8(truncatingIfNeeded: character.value)
    }

    /// The bytes that a text stands for.
    static func bytes(of text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { character in
            StrayByte(character).map { [$0.byte] } ?? Array(String(character).utf8)
        }
    }

    /// The bytes up to a zero as a text.
    @unsafe static func text(of characters: UnsafePointer<CInterop.PlatformChar>) -> String {
        var bytes: [UInt8] = []
        var place = unsafe characters
        while unsafe place.pointee != 0 {
            unsafe bytes.append(UInt8(bitPattern: place.pointee))
            unsafe place += 1
        }
        return text(of: bytes)
    }

    private static func text(of bytes: [UInt8]) -> String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let character = (1...4).lazy.compactMap { count in only(in: rest.prefix(count)) }.first
            text.unicodeScalars.append(character ?? Unicode.Scalar(0x10_FF00 + UInt32(first)) ?? "?")
            rest = rest.dropFirst(character.map { String($0).utf8.count } ?? 1)
        }
        return text
    }

    /// The one character that bytes are, if it stands for itself.
    private static func only(in bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.count == 1 else { return nil }
        return text.unicodeScalars.first.flatMap { StrayByte($0) == nil ? $0 : nil }
    }
}
