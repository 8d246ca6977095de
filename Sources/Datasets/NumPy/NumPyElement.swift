import Memory
import Tensors

/// What the elements of a NumPy array are, as its header says it: "<f4".
struct NumPyElement: Equatable, Sendable {
    enum Kind: Equatable { case float, signed, unsigned, flag }

    let kind: Kind

    /// The size in bytes.
    let byteCount: Int

    let isBigEndian: Bool

    /// What can be read, for messages.
    static let allowed = "bool, i1 to i8, u1 to u8, f2, f4 and f8 are allowed"

    /// Nil for what cannot be read, such as texts, complex numbers and records.
    init?(_ text: some StringProtocol) {
        let kinds: [Character: (Kind, Set<Int>)] = [
            "f": (.float, [2, 4, 8]), "i": (.signed, [1, 2, 4, 8]), "u": (.unsigned, [1, 2, 4, 8]), "b": (.flag, [1]),
        ]
        let letters = Array(text)
        guard letters.count == 3, "<>|=".contains(letters[0]), let (kind, sizes) = kinds[letters[1]],
            let size = letters[2].wholeNumberValue, sizes.contains(size)
        else { return nil }
        self.kind = kind
        byteCount = size
        isBigEndian = letters[0] == ">"
    }

    /// The type that the elements have in a sample, unless somebody asks for another.
    var usualType: ElementType { kind == .float ? .float32 : .int32 }

    /// The bits of the element at a byte.
    private func bits(_ bytes: [UInt8], at start: Int) -> UInt64 {
        var result: UInt64 = 0
        for place in 0..<byteCount {
            result = result << 8 | UInt64(bytes[start + (isBigEndian ? place : byteCount - 1 - place)])
        }
        return result
    }

    /// An element as a whole number; nil if it is a fraction, or beyond `Int64`.
    private func integer(_ bytes: [UInt8], at start: Int) -> Int64? {
        let bits = bits(bytes, at: start)
        switch kind {
        case .float: return Int64(exactly: number(bytes, at: start))
        case .flag: return bits == 0 ? 0 : 1
        case .unsigned: return Int64(exactly: bits)
        case .signed:
            let shift = UInt64(64 - 8 * byteCount)
            return Int64(bitPattern: bits << shift) >> Int64(shift)
        }
    }

    /// An element as a number.
    func number(_ bytes: [UInt8], at start: Int) -> Double {
        let bits = bits(bytes, at: start)
        switch (kind, byteCount) {
        case (.float, 2): return Double(Float16(bitPattern: UInt16(bits)))
        case (.float, 4): return Double(Float(bitPattern: UInt32(bits)))
        case (.float, _): return Double(bitPattern: bits)
        case (.unsigned, _): return Double(bits)
        default: return Double(integer(bytes, at: start) ?? 0)
        }
    }

    /// Converts elements to those of a tensor, from element `first` of it on; the place of one that does not fit, if there is one.
    ///
    /// A float64 becomes the nearest float32, and is refused where that is infinite; whole numbers must fit in an int32.
    func convert(_ bytes: [UInt8], into tensor: Tensor, from first: Int) -> Int? {
        let count = bytes.count / byteCount
        if tensor.elementType == .float32 {
            let target = tensor.slice(of: Float.self)
            var values = target.mutableSpan
            for index in 0..<count {
                let number = number(bytes, at: index * byteCount)
                let value = Float(number)
                guard value.isInfinite == number.isInfinite else { return index }
                values[first + index] = value
            }
            return nil
        }
        let target = tensor.slice(of: Int32.self)
        var values = target.mutableSpan
        for index in 0..<count {
            guard let value = integer(bytes, at: index * byteCount).flatMap(Int32.init(exactly:)) else { return index }
            values[first + index] = value
        }
        return nil
    }
}
