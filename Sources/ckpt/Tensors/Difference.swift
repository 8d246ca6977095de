import Checkpoints
import Memory
import Tensors

/// How far two tensors of one type are apart.
struct Difference {
    /// How many elements have different bits.
    private(set) var elementCount = 0

    /// The largest distance of two elements; NaN if one of them is not a number and the other is one.
    private(set) var maximum = 0.0

    /// Compares all elements of an entry that both readers have.
    init(
        of entry: CheckpointEntry, _ type: ElementType, _ first: any CheckpointReader, _ second: any CheckpointReader
    ) throws {
        try first.forEachPair(of: entry, with: second) { one, other in
            guard !one.hasSameBytes(as: other) else { return }
            var gap = Gap(first: one, second: other)
            gap.visit(type)
            elementCount += gap.count
            maximum = maximum.isNaN || gap.maximum.isNaN ? .nan : max(maximum, gap.maximum)
        }
    }
}

extension CheckpointReader {
    /// Gives the contents of an entry that another reader has too to `body`, two pieces at a time.
    func forEachPair(
        of entry: CheckpointEntry, with other: any CheckpointReader,
        _ body: (Slice<UInt8>, Slice<UInt8>) throws -> Void
    ) throws {
        let buffer = Slice<UInt8>(zeros: min(entry.byteCount, Piece.byteCount))
        var offset = 0
        try forEachPiece(of: entry) { piece in
            let second = buffer[0..<piece.count]
            try other.read(entry, from: offset, into: second)
            offset += piece.count
            try body(piece, second)
        }
    }
}

extension Slice<UInt8> {
    /// Whether both hold the same bytes.
    func hasSameBytes(as other: Slice<UInt8>) -> Bool {
        let (one, two) = (span, other.span)
        guard one.count == two.count else { return false }
        for index in one.indices where one[index] != two[index] { return false }
        return true
    }
}

/// How far two pieces are apart.
private struct Gap: ElementVisitor {
    let first: Slice<UInt8>
    let second: Slice<UInt8>
    var count = 0
    var maximum = 0.0

    mutating func visit<Stored: BitwiseCopyable, Value: FixedWidthInteger>(integers: (Stored) -> Value) {
        forEachPair(of: Stored.self) { one, other in
            let (one, other) = (integers(one), integers(other))
            guard one != other else { return nil }
            return Double(one < other ? Int128(other) - Int128(one) : Int128(one) - Int128(other))
        }
    }

    mutating func visit<Stored: BitwiseCopyable>(reals: (Stored) -> Double) {
        forEachPair(of: Stored.self) { one, other in Self.distance(reals(one), reals(other)) }
    }

    mutating func visit<Stored: BitwiseCopyable>(complexes: (Stored) -> SIMD2<Double>) {
        forEachPair(of: Stored.self) { one, other in
            let (one, other) = (complexes(one), complexes(other))
            let (x, y) = (Self.distance(one.x, other.x), Self.distance(one.y, other.y))
            guard x != nil || y != nil else { return nil }
            return SIMD2(x ?? 0, y ?? 0).absoluteValue
        }
    }

    /// The distance of two numbers; nil if they have the same bits, 0 if both are not a number.
    private static func distance(_ one: Double, _ other: Double) -> Double? {
        guard one.bitPattern != other.bitPattern else { return nil }
        // Two infinities of one sign have the same bits; without this, those of a narrower type would not.
        if one == other || one.isNaN && other.isNaN { return 0 }
        return abs(one - other)
    }

    private mutating func forEachPair<Stored: BitwiseCopyable>(
        of type: Stored.Type, _ distance: (Stored, Stored) -> Double?
    ) {
        let (ones, others) = (first.rebound(to: type), second.rebound(to: type))
        let (one, other) = (ones.span, others.span)
        for index in one.indices {
            guard let gap = distance(one[index], other[index]) else { continue }
            count += 1
            maximum = maximum.isNaN || gap.isNaN ? .nan : max(maximum, gap)
        }
    }
}
