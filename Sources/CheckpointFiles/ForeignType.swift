/// The type of a tensor that others can write and Lockstep cannot compute with or convert, such as one of float8.
///
/// Its name says how many bits an element has: "F8_E4M3" and "F4" in safetensors files, "Float8E5M2" in `.ckpt` files.
public struct ForeignType: Hashable, Sendable, CustomStringConvertible {
    /// What the file calls the type of the elements.
    public let elementType: String

    /// The sizes of the dimensions.
    public let dimensions: [Int]

    /// The size of the contents in bytes.
    public let byteCount: Int

    /// As in "F8_E4M3[4, 4]".
    public var description: String { "\(elementType)\(dimensions)" }

    /// Why it cannot be written, loaded or computed with.
    var refusal: String { "its type \(elementType) is not supported" }

    /// Accepts a type as one that others know if its name looks like that of a type and the contents have the size that it
    /// implies; otherwise nil, as the name or the size is damaged.
    init?(_ elementType: String, _ dimensions: [Int], byteCount: Int) {
        let name = Array(elementType.utf8)
        let letters = name.prefix { !Self.isDigit($0) }
        let digits = name[letters.endIndex...].prefix(while: Self.isDigit)
        guard let first = letters.first, Self.capitals.contains(first),
            let bits = Int(String(decoding: digits, as: UTF8.self)),
            bits > 0, name.allSatisfy(Self.isPartOfName)
        else { return nil }
        var bitCount = bits
        for dimension in dimensions {
            let (product, overflow) = bitCount.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            bitCount = product
        }
        guard bitCount % 8 == 0, bitCount / 8 == byteCount else { return nil }
        self.elementType = elementType
        self.dimensions = dimensions
        self.byteCount = byteCount
    }

    private static let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        let small = UInt8(ascii: "a")...UInt8(ascii: "z")
        return isDigit(byte) || capitals.contains(byte) || small.contains(byte) || byte == UInt8(ascii: "_")
    }
}
