import Checkpoints
import Memory
import Tensors

/// What can be said of all elements of a tensor; of complex ones, of their absolute values.
struct Statistics {
    /// The smallest element that is a number, and the largest; nil if there is none.
    private(set) var range: (minimum: Number, maximum: Number)?

    /// How many elements are not a number.
    private(set) var nanCount = 0

    /// How many elements are infinite.
    private(set) var infiniteCount = 0

    private var sum = 0.0
    private var count = 0

    /// The mean of the elements that are numbers; nil if there is none.
    var mean: Double? { count == 0 ? nil : sum / Double(count) }

    /// An element, without loss.
    enum Number: Equatable {
        case integer(Int128)
        case real(Double)

        var text: String {
            switch self {
            case .integer(let value): "\(value)"
            case .real(let value): HumanText.number(value)
            }
        }
    }

    /// Reads all elements of a tensor.
    init(of entry: CheckpointEntry, _ type: ElementType, in reader: any CheckpointReader) throws {
        try reader.forEachPiece(of: entry) { piece in
            var tally = Tally(piece: piece)
            tally.visit(type)
            add(tally)
        }
    }

    // Sums of pieces are joined, not single elements: small ones are not lost beside a large sum.
    private mutating func add(_ tally: Tally) {
        sum += tally.sum
        count += tally.count
        nanCount += tally.nanCount
        infiniteCount += tally.infiniteCount
        guard let found = tally.range else { return }
        guard let range else {
            range = found
            return
        }
        self.range = (min(range.minimum, found.minimum), max(range.maximum, found.maximum))
    }
}

extension Statistics.Number: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): left < right
        case (.real(let left), .real(let right)): left < right
        case (.integer, .real), (.real, .integer): fatalError("a tensor has elements of one type")
        }
    }
}

extension Statistics.Number: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .real(let value): try container.encode(value)
        case .integer(let value):
            // All element types fit into one of these; not every reader of JSON knows more than 64 bits.
            if let value = Int64(exactly: value) {
                try container.encode(value)
            } else {
                try container.encode(UInt64(value))
            }
        }
    }
}

/// The statistics of one piece.
private struct Tally: ElementVisitor {
    let piece: Slice<UInt8>
    var range: (minimum: Statistics.Number, maximum: Statistics.Number)?
    var nanCount = 0
    var infiniteCount = 0
    var sum = 0.0
    var count = 0

    mutating func visit<Stored: BitwiseCopyable, Value: FixedWidthInteger>(integers: (Stored) -> Value) {
        let elements = piece.rebound(to: Stored.self)
        let span = elements.span
        guard span.count > 0 else { return }
        var (minimum, maximum) = (Value.max, Value.min)
        for index in span.indices {
            let value = integers(span[index])
            minimum = min(minimum, value)
            maximum = max(maximum, value)
            sum += Double(value)
        }
        count += span.count
        widen(.integer(Int128(minimum)), .integer(Int128(maximum)))
    }

    mutating func visit<Stored: BitwiseCopyable>(reals: (Stored) -> Double) {
        let elements = piece.rebound(to: Stored.self)
        let span = elements.span
        var (minimum, maximum) = (Double.infinity, -Double.infinity)
        for index in span.indices {
            let value = reals(span[index])
            guard !value.isNaN else {
                nanCount += 1
                continue
            }
            if value.isInfinite { infiniteCount += 1 }
            minimum = min(minimum, value)
            maximum = max(maximum, value)
            sum += value
        }
        let found = span.count - nanCount
        count += found
        if found > 0 { widen(.real(minimum), .real(maximum)) }
    }

    mutating func visit<Stored: BitwiseCopyable>(complexes: (Stored) -> SIMD2<Double>) {
        visit(reals: { complexes($0).absoluteValue })
    }

    /// Pairs of four-bit values are visited twice.
    private mutating func widen(_ minimum: Statistics.Number, _ maximum: Statistics.Number) {
        range = (min(range?.minimum ?? minimum, minimum), max(range?.maximum ?? maximum, maximum))
    }
}
