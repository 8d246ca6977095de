/// Bytes on their way to a terminal, one after the other, that may be anything: what a network writes that somebody has
/// trained to write commands for terminals. Each character is shown as `String.visible` shows it, but for ends of
/// lines; bytes that are none as "\u{FFFD}".
public struct VisibleBytes {
    private var rest: [UInt8] = []

    /// Begins with nothing.
    public init() {}

    /// What can be shown now that one more byte is there: nothing in the middle of a character.
    public mutating func take(_ byte: UInt8) -> String {
        guard let first = rest.first else {
            guard Self.length(of: byte) > 1 else { return String(decoding: [byte], as: UTF8.self).visibleLines }
            rest = [byte]
            return ""
        }
        guard byte & 0xC0 == 0x80 else {
            rest = []
            return "\u{FFFD}" + take(byte)
        }
        rest.append(byte)
        guard rest.count == Self.length(of: first) else { return "" }
        defer { rest = [] }
        return String(decoding: rest, as: UTF8.self).visibleLines
    }

    /// How many bytes a character has that begins with this one.
    private static func length(of first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }
}
