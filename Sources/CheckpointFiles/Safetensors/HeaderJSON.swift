import SystemPackage

/// The JSON of safetensors headers and strategy files, read from front to back, in the order of the text.
///
/// Foundation's readers lose the order of members, and treat names that are canonically equal as one.
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

    /// What is wrong at a byte of the file.
    func damage(_ offset: Int, _ damage: FormatDamage) -> FormatError {
        .damaged(path: path, offset: offset, damage)
    }

    private func expected(_ what: String) -> FormatError { damage(fileOffset, .headerSyntax(expected: what)) }

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

    /// Skips a comma; false if it finds the character that ends a list instead, which it skips too.
    private mutating func separator(or end: Character) throws(FormatError) -> Bool {
        if skip(",") { return true }
        guard skip(end) else { throw expected(", or \(end)") }
        return false
    }

    /// Reads an object: `member` reads the value of each of its members, whose name stands at `offset` of the file.
    mutating func object(
        _ member: (_ json: inout HeaderJSON, _ name: String, _ offset: Int) throws(FormatError) -> Void
    ) throws(FormatError) {
        try require("{")
        guard !skip("}") else { return }
        repeat {
            skipSpace()
            let offset = fileOffset
            let name = try string()
            try require(":")
            try member(&self, name, offset)
        } while try separator(or: "}")
    }

    /// Reads a list: `element` reads each of its elements.
    mutating func list(_ element: (_ json: inout HeaderJSON) throws(FormatError) -> Void) throws(FormatError) {
        try require("[")
        guard !skip("]") else { return }
        repeat { try element(&self) } while try separator(or: "]")
    }

    /// Passes over `null`; false if something else stands there.
    mutating func skipNull() -> Bool { skip(word: "null") }

    private mutating func skip(word: String) -> Bool {
        skipSpace()
        guard text[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    /// Passes over a value of any kind, which nests no deeper than `depth`.
    mutating func skipValue(depth: Int = 100) throws(FormatError) {
        guard depth > 0 else { throw expected("less nesting") }
        skipSpace()
        switch position < text.count ? text[position] : 0 {
        case UInt8(ascii: "{"):
            try object { (json, _, _) throws(FormatError) in try json.skipValue(depth: depth - 1) }
        case UInt8(ascii: "["): try list { json throws(FormatError) in try json.skipValue(depth: depth - 1) }
        case UInt8(ascii: "\""): _ = try string()
        default: try skipScalar()
        }
    }

    /// Passes over a number, true, false or null.
    private mutating func skipScalar() throws(FormatError) {
        if skip(word: "null") || skip(word: "true") || skip(word: "false") { return }
        let number = text[position...].prefix { byte in
            (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
        }
        guard Double(String(decoding: number, as: UTF8.self)) != nil else { throw expected("a value") }
        position += number.count
    }

    /// Nothing but space may follow.
    mutating func requireEnd() throws(FormatError) {
        skipSpace()
        guard position == text.count else { throw expected("the end of the header") }
    }

    /// Reads a list of numbers, none negative.
    mutating func integers() throws(FormatError) -> [Int] {
        var numbers: [Int] = []
        try list { json throws(FormatError) in numbers.append(try json.integer()) }
        return numbers
    }

    /// Reads a number, which is not negative.
    mutating func integer() throws(FormatError) -> Int {
        skipSpace()
        let digits = text[position...].prefix { (0x30...0x39).contains($0) }
        let isNumber = digits.first != UInt8(ascii: "0") || digits.count == 1
        guard isNumber, let value = Int(String(decoding: digits, as: UTF8.self)) else {
            throw expected("a whole number")
        }
        position += digits.count
        return value
    }

    /// Reads a number that may be negative.
    mutating func signedInteger() throws(FormatError) -> Int {
        try skip("-") ? -integer() : integer()
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
                    throw damage(fileOffset, .nameNotUnicode)
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
