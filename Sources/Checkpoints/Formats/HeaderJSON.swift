import SystemPackage

/// The little of JSON that a safetensors header is made of, read from front to back, in the order of the text.
///
/// Foundation's readers forget the order of members, which must be that of the data.
struct HeaderJSON {
    private let text: [UInt8]
    private let path: FilePath
    private let base: Int
    private var position = 0

    /// Begins with the text that stands at `fileOffset` of a file.
    init(_ text: [UInt8], path: FilePath, fileOffset: Int) {
        self.text = text
        self.path = path
        base = fileOffset
    }

    /// Where the next character stands in the file.
    var fileOffset: Int { base + position }

    private func expected(_ what: String) -> FormatError {
        .damaged(path: path, offset: fileOffset, .headerSyntax(expected: what))
    }

    private mutating func skipSpace() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
    }

    /// Passes over a character; false if another stands there.
    mutating func skip(_ character: Character) -> Bool {
        skipSpace()
        guard position < text.count, text[position] == character.asciiValue else { return false }
        position += 1
        return true
    }

    /// Passes over a character that must stand there.
    mutating func require(_ character: Character) throws(FormatError) {
        guard skip(character) else { throw expected("\(character)") }
    }

    /// Passes over a comma, or over the character that ends a list, for which this is nil.
    mutating func separator(or end: Character) throws(FormatError) -> Character? {
        if skip(",") { return "," }
        guard skip(end) else { throw expected(", or \(end)") }
        return nil
    }

    /// Nothing but space may follow.
    mutating func requireEnd() throws(FormatError) {
        skipSpace()
        guard position == text.count else { throw expected("the end of the header") }
    }

    /// Reads a list of numbers, none negative.
    mutating func integers() throws(FormatError) -> [Int] {
        try require("[")
        if skip("]") { return [] }
        var numbers: [Int] = []
        repeat { numbers.append(try integer()) } while try separator(or: "]") != nil
        return numbers
    }

    private mutating func integer() throws(FormatError) -> Int {
        skipSpace()
        let digits = text[position...].prefix { (0x30...0x39).contains($0) }
        guard let value = Int(String(decoding: digits, as: UTF8.self)) else { throw expected("a whole number") }
        position += digits.count
        return value
    }

    /// Reads a string.
    mutating func string() throws(FormatError) -> String {
        try require("\"")
        var bytes: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: bytes, as: UTF8.self) else {
                    throw .damaged(path: path, offset: fileOffset, .nameNotUnicode)
                }
                return string
            case UInt8(ascii: "\\"): bytes += try escape()
            case 0..<0x20: throw expected("no control character")
            default: bytes.append(byte)
            }
        }
        throw expected("\"")
    }

    /// The UTF-8 of an escaped character, behind the backslash.
    private mutating func escape() throws(FormatError) -> [UInt8] {
        guard position < text.count else { throw expected("an escaped character") }
        let escaped = text[position]
        position += 1
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [escaped]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicode()
        default: throw expected("an escaped character")
        }
    }

    private mutating func unicode() throws(FormatError) -> [UInt8] {
        var units = [try hexadecimal()]
        if UTF16.isLeadSurrogate(units[0]), text[position...].starts(with: Array("\\u".utf8)) {
            position += 2
            units.append(try hexadecimal())
        }
        guard let string = String(validating: units, as: UTF16.self) else { throw expected("a character of Unicode") }
        return Array(string.utf8)
    }

    private mutating func hexadecimal() throws(FormatError) -> UInt16 {
        let digits = text[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw expected("four hexadecimal digits") }
        position += 4
        return unit
    }
}
