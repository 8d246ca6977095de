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

    let length: Int
    let batch: Int
    let size: Int
    let gates: Int
    let steps: [Step]
    private let isReversed: Bool

    init(_ cell: RecurrentCell, isReversed: Bool, states: Shape) {
        (length, batch, size) = (states[0], states[1], states[2])
        gates = cell.gateCount * size
        self.isReversed = isReversed
        let places = isReversed ? Array((0..<states[0]).reversed()) : Array(0..<states[0])
        steps = places.indices.map { Step(place: places[$0], before: $0 == 0 ? nil : places[$0 - 1]) }
    }

    /// The rows of all steps.
    var rows: Int { length * batch }

    /// A state of all sequences at a step.
    func stateRange(_ place: Int) -> Range<Int> { place * batch * size..<(place + 1) * batch * size }

    /// The gates of all sequences at a step.
    func gateRange(_ place: Int) -> Range<Int> { place * batch * gates..<(place + 1) * batch * gates }

    /// The gates of all steps but the first, and the states before them.
    var follower: (gates: Range<Int>, states: Range<Int>) {
        let rest = (length - 1) * batch
        return isReversed
            ? (0..<rest * gates, batch * size..<rows * size) : (batch * gates..<rows * gates, 0..<rest * size)
    }
}

/// A weight that many narrow products share in a step of the run, packed once in it.
struct SharedWeight {
    let weight: Slice<Float>
    let matrix: PackedMatrix
    let isTransposed: Bool
    private let packed: Slice<Float>
    private let rows: Int
    private let pool: ThreadPool

    /// For products of `rows` rows with the weight [inner, outer], or the transpose of [outer, inner].
    init(_ weight: Slice<Float>, inner: Int, outer: Int, isTransposed: Bool, rows: Int, pool: ThreadPool) {
        self.weight = weight
        self.isTransposed = isTransposed
        self.rows = rows
        self.pool = pool
        matrix = PackedMatrix(k: inner, n: outer)
        packed = Slice(zeros: matrix.packedCount)
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
