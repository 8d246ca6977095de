/// Keys written as text. Space at the end, such as an editor's newline, does not count.
package enum KeyText {
    /// The bytes that pairs of hexadecimal digits name; nil if the text is anything else.
    package static func hexadecimal(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let digits = trimmed(text).map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[start], let low = digits[start + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    /// Two digits for each byte.
    package static func hexadecimal(of bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The bytes that base64 stands for; nil if the text is anything else.
    package static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let characters = trimmed(text)
        let digits = characters.prefix { $0 != UInt8(ascii: "=") }
        let padding = characters[digits.endIndex...]
        guard characters.count % 4 == 0, padding.count <= 2, padding.allSatisfy({ $0 == UInt8(ascii: "=") }) else {
            return nil
        }
        var bytes: [UInt8] = []
        var bits = 0
        var bitCount = 0
        for digit in digits {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            bits = bits << 6 | value
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
        }
        return bytes
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let space: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        let count = text.reversed().prefix { space.contains($0) }.count
        return text.dropLast(count)
    }
}
