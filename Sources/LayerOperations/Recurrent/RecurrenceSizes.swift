import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

/// The sizes of a recurrent layer, and the order of its steps.
struct RecurrenceSizes {
    /// A step: its place in the sequence, and that of the step before it.
    struct Step {
        let place: Int
        let before: Int?
    }

    let cell: RecurrentCell
    let length: Int
    let batch: Int
    let size: Int
    let gates: Int
    let steps: [Step]
    private let isReversed: Bool
    fileprivate let hasLengths: Bool

    init(_ rule: RecurrenceRule, states: Shape) {
        (cell, isReversed, hasLengths) = (rule.cell, rule.isReversed, rule.hasLengths)
        (length, batch, size) = (states[0], states[1], states[2])
        gates = cell.gateCount * size
        let places = isReversed ? Array((0..<states[0]).reversed()) : Array(0..<states[0])
        steps = places.indices.map { Step(place: places[$0], before: $0 == 0 ? nil : places[$0 - 1]) }
    }

    /// The rows of all steps.
    var rows: Int { length * batch }

    /// The elements of a state of all sequences.
    var stateCount: Int { batch * size }

    /// A state of all sequences at a step.
    func stateRange(_ place: Int) -> Range<Int> { place * stateCount..<(place + 1) * stateCount }

    /// The gates of all sequences at a step.
    func gateRange(_ place: Int) -> Range<Int> { place * batch * gates..<(place + 1) * batch * gates }

    /// Where the states of the first and of the last step lie.
    var ends: (first: Int, last: Int) { isReversed ? (length - 1, 0) : (0, length - 1) }

    /// The gates of all steps but the first, and the states before them.
    var follower: (gates: Range<Int>, states: Range<Int>) {
        let rest = (length - 1) * batch
        return isReversed
            ? (0..<rest * gates, stateCount..<rows * size) : (batch * gates..<rows * gates, 0..<rest * size)
    }
}

/// What the kernels of a recurrent layer compute with beside inputs and results, part after part.
struct RecurrenceScratch {
    let packed: Slice<Float>
    /// The state before the first step, where none is given.
    let start: Slice<Float>
    /// The products of all steps, where they are no result.
    let products: Slice<Float>
    /// Of the way back: the gradients of a step's hidden state, and of what the step before has of it or of the cell state.
    let states: (own: Slice<Float>, carried: Slice<Float>)
    /// Of the way back through sequences that may have ended: what carried was before a step, and what passes it by.
    let ended: (saved: Slice<Float>, passed: Slice<Float>)

    /// The floats of all parts; each begins at a cache line.
    static func count(_ sizes: RecurrenceSizes, isBackward: Bool) -> Int {
        counts(sizes, isBackward: isBackward).reduce(0) { $0 + aligned($1) }
    }

    init(_ scratch: Slice<Float>, _ sizes: RecurrenceSizes, isBackward: Bool) {
        var first = 0
        let parts = Self.counts(sizes, isBackward: isBackward).map { count in
            defer { first += Self.aligned(count) }
            return scratch[first..<first + count]
        }
        (packed, start, products) = (parts[0], parts[1], parts[2])
        (states, ended) = ((parts[3], parts[4]), (parts[5], parts[6]))
    }

    private static func counts(_ sizes: RecurrenceSizes, isBackward: Bool) -> [Int] {
        let (inner, outer) = isBackward ? (sizes.gates, sizes.size) : (sizes.size, sizes.gates)
        let ofStep = isBackward ? sizes.stateCount : 0
        let ofEnded = sizes.hasLengths ? ofStep : 0
        return [
            PackedMatrix(k: inner, n: outer).packedCount, sizes.stateCount,
            sizes.cell == .gru ? sizes.rows * sizes.gates : 0, ofStep, ofStep, ofEnded, ofEnded,
        ]
    }

    private static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

/// A weight that many narrow products share in a step of the run, packed once in it.
struct SharedWeight {
    private let weight: Slice<Float>
    private let matrix: PackedMatrix
    private let isTransposed: Bool
    private let packed: Slice<Float>
    private let rows: Int
    private let pool: ThreadPool

    /// For products of `rows` rows with the weight [inner, outer], or the transpose of [outer, inner].
    init(
        _ weight: Slice<Float>, inner: Int, outer: Int, isTransposed: Bool, packed: Slice<Float>, rows: Int,
        pool: ThreadPool
    ) {
        self.weight = weight
        self.isTransposed = isTransposed
        self.packed = packed
        self.rows = rows
        self.pool = pool
        matrix = PackedMatrix(k: inner, n: outer)
    }

    func pack() {
        var target = packed.mutableSpan
        matrix.pack(weight.span, transposed: isTransposed, into: &target)
    }

    /// Adds a product to `result`.
    func add(_ rows: Slice<Float>, to result: inout MutableSpan<Float>) {
        matrix.multiply(rows.span, packed.span, into: &result, m: self.rows, accumulate: true, pool: pool)
    }
}

/// Which sequences have ended before a step.
struct SequenceLengths {
    private let lengths: Slice<Int32>
    private let limit: Int

    /// For sequences of at most `limit` steps.
    init(_ lengths: Slice<Int32>, limit: Int) {
        (self.lengths, self.limit) = (lengths, limit)
    }

    /// Ends the program unless the lengths are such.
    func check() {
        let lengths = lengths.span
        for row in lengths.indices {
            insist(
                (0...limit).contains(Int(lengths[row])),
                "the length \(lengths[row]) of a sequence is not from 0 to \(limit), its steps")
        }
    }

    /// Calls `body` with the rows of a value of such rows for each sequence that has ended before a step.
    func forEachEnded(_ place: Int, width: Int, _ body: (Range<Int>) -> Void) {
        let lengths = lengths.span
        for row in lengths.indices where place >= Int(lengths[row]) { body(row * width..<(row + 1) * width) }
    }
}

extension Slice<Float> {
    /// Makes all elements 0.
    func clear() {
        var target = mutableSpan
        Kernels.fill(&target, with: 0)
    }
}
