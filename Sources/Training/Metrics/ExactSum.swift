/// A sum of numbers from 0 on without rounding: the same in any order, on any number of ranks.
///
/// The numbers are cut into pieces of 24 bits, and pieces of the same weight are added up as whole numbers, which a Double
/// holds exactly up to 2^53. Counted are bits from 2^−320 to 2^304, which all products of two Floats have. (Kulisch, 1971.)
struct ExactSum {
    private static let pieceBits = 24
    private static let lowest = -320
    private static let pieceCount = 26

    /// How many numbers may be added before pieces are put in order: their sums stay far below 2^53.
    private static let limit = 1 << 20

    private var pieces = [Double](repeating: 0, count: pieceCount)

    /// The sum of what is no number or too large.
    private var others = 0.0

    private var waiting = 0

    /// Adds a number. What is negative counts as no number.
    mutating func add(_ number: Double) {
        guard number >= 0, number < 0x1p280 else { return others += number >= 0 ? number : .nan }
        guard number > 0 else { return }
        // number = significand · 2^exponent
        let exponent = Int(number.exponent) - 52
        let significand = UInt64(number.significand * 0x1p52)
        let place = exponent - Self.lowest
        var bits =
            place >= 0
            ? UInt128(significand) << UInt128(place % Self.pieceBits) : UInt128(significand >> UInt64(min(-place, 63)))
        var piece = max(place, 0) / Self.pieceBits
        while bits != 0 {
            pieces[piece] += Double(UInt32(truncatingIfNeeded: bits) & 0xFF_FFFF)
            bits >>= UInt128(Self.pieceBits)
            piece += 1
        }
        waiting += 1
        if waiting == Self.limit { carry() }
    }

    /// Brings all pieces but the last below 2^24, which is possible in one way only.
    private mutating func carry() {
        waiting = 0
        let size = Double(1 << Self.pieceBits)
        for piece in 0..<Self.pieceCount - 1 {
            let above = (pieces[piece] / size).rounded(.down)
            pieces[piece] -= above * size
            pieces[piece + 1] += above
        }
    }

    /// How many numbers ``parts`` are.
    static let partCount = pieceCount + 1

    /// The pieces, to be added to those of other ranks.
    var parts: [Double] {
        get {
            var copy = self
            copy.carry()
            return copy.pieces + [others]
        }
        set {
            pieces = Array(newValue.prefix(Self.pieceCount))
            others = newValue[Self.pieceCount]
            carry()
        }
    }

    /// The sum, rounded.
    var value: Double {
        let parts = parts
        let exponents = (0..<Self.pieceCount).map { Self.lowest + $0 * Self.pieceBits }
        return zip(parts, exponents).reversed().reduce(0) {
            $0 + Double(sign: .plus, exponent: $1.1, significand: $1.0)
        } + others
    }
}
