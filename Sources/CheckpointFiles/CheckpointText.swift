import Files

/// Strings as `.ckpt` files hold them: UTF-32, little-endian, without a mark at either end.
///
/// The empty string is one zero code point, for MindSpore cannot load empty contents. Trailing zeros are not part of the string.
public enum CheckpointText {
    /// The bytes of a string.
    public static func encode(_ text: String) -> [UInt8] {
        guard !text.isEmpty else { return [0, 0, 0, 0] }
        return text.unicodeScalars.flatMap { scalar in littleEndianBytes(of: scalar.value) }
    }

    /// The string in `bytes`; nil if they are no UTF-32.
    public static func decode(_ bytes: [UInt8]) -> String? {
        guard bytes.count % 4 == 0 else { return nil }
        var scalars = String.UnicodeScalarView()
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let value = bytes[start..<start + 4].reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
            guard let scalar = Unicode.Scalar(value) else { return nil }
            scalars.append(scalar)
        }
        while scalars.last?.value == 0 { scalars.removeLast() }
        return String(scalars)
    }
}
