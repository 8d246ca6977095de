import Memory

/// Which elements of a tensor a dropout keeps: a pure function of seed, stream, step and the element's place in the
/// whole tensor, so that the mask is the same whatever the mesh over which the tensor is spread.
///
/// Element (r, c) of a shard is number `i = (firstRow + r) · totalColumns + firstColumn + c` of the whole. It has 16
/// random bits: with `g = i / 64` and `e = i % 64`, those of word `2 (e / 32) + e % 2` in block `8 g + e % 16 / 2` of
/// ``CounterBasedGenerator`` with this seed and stream `2^63 + stream · 2^32 + step`; the high half of the word if
/// `e / 16` is odd, else the low half. It is dropped if these bits are less than `rate · 2^16`, rounded: the probability
/// is exact to 2^-17.
public struct DropoutMask: Sendable, Hashable {
    /// What a whole run is reproduced from.
    public let seed: UInt64

    /// Which of the run's dropouts this is, below 2^31.
    public let stream: UInt32

    /// The training step.
    public let step: UInt32

    /// The row of the whole tensor that is the shard's first.
    public let firstRow: Int

    /// The column of the whole tensor that is the shard's first.
    public let firstColumn: Int

    /// The columns of the whole tensor.
    public let totalColumns: Int

    /// Names the mask of dropout `stream` in `step`, and the place of a shard in it.
    public init(
        seed: UInt64, stream: UInt32, step: UInt32, firstRow: Int = 0, firstColumn: Int = 0, totalColumns: Int
    ) {
        insist(stream < 1 << 31, "a dropout's stream must be below 2^31, not \(stream)")
        insist(
            firstRow >= 0 && firstColumn >= 0,
            "no shard of a tensor begins at row \(firstRow), column \(firstColumn)")
        self.seed = seed
        self.stream = stream
        self.step = step
        self.firstRow = firstRow
        self.firstColumn = firstColumn
        self.totalColumns = totalColumns
    }

    /// The generator of this step's bits. The highest bit of its stream keeps it apart from streams counted from 0.
    var generator: CounterBasedGenerator {
        CounterBasedGenerator(seed: seed, stream: 1 << 63 | UInt64(stream) << 32 | UInt64(step))
    }

    /// The number of a shard's element in the whole tensor.
    @inline(__always)
    func number(row: Int, column: Int) -> Int {
        (firstRow + row) * totalColumns + firstColumn + column
    }
}

/// Sets elements to zero at random, and scales the others so that the mean stays: `y = x / (1 − rate)` where `mask`
/// keeps an element, else 0.
///
/// `x` and `result` are [rows, columns], a shard of the tensor that `mask` speaks of; `result` may be the memory of `x`.
/// Applied to a gradient with the same mask, this is the gradient. MindSpore: `Dropout` with keep_prob = 1 − rate.
public func dropout(
    _ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int, rate: Float, mask: DropoutMask,
    pool: ThreadPool
) {
    require(x.count, of: "x", is: rows * columns)
    require(result.count, of: "the result", is: rows * columns)
    insist(
        mask.firstColumn + columns <= mask.totalColumns || rows == 0,
        "columns \(mask.firstColumn) to \(mask.firstColumn + columns) do not lie in \(mask.totalColumns)")
    guard rate != 0 else { return copy(x, into: &result) }
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            let work = unsafe Dropout(
                x: x, result: result, columns: columns, mask: mask, factors: DropoutFactors(rate: rate, mask: mask),
                pool: pool)
            unsafe pool.forEachChunk(of: rows * columns, with: work) { work, elements in unsafe work.run(elements) }
        }
    }
}

/// The arrays of one dropout.
@unsafe private struct Dropout {
    let x: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let columns: Int
    let mask: DropoutMask
    let factors: DropoutFactors
    let pool: ThreadPool

    // 4 KiB of factors stay in the first-level cache beside what they multiply.
    private static let run = 1024

    /// Computes consecutive elements, in runs whose numbers are consecutive too.
    func run(_ elements: Range<Int>) {
        // Where the shard has all columns, its rows follow each other without a gap.
        let width = unsafe columns == mask.totalColumns ? elements.upperBound : columns
        unsafe pool.withScratch(DropoutFactors.space(for: Self.run)) { space in
            unsafe space.withAddress { space in
                var element = elements.lowerBound
                while element < elements.upperBound {
                    let (row, column) = (element / width, element % width)
                    let count = unsafe min(Self.run, width - column, elements.upperBound - element)
                    let factors = unsafe factors.store(
                        from: mask.number(row: row, column: column), count: count, into: space)
                    unsafe multiply(at: element, by: factors, count: count)
                    element += count
                }
            }
        }
    }

    private func multiply(at element: Int, by factors: UnsafePointer<Float>, count: Int) {
        let (x, result) = unsafe (x + element, result + element)
        forEachLanes(of: count) { i, width in
            let factor = unsafe Lanes(at: factors + i, width: width)
            // A choice, not only a product: what is dropped is 0 even if it was infinite.
            let kept = unsafe Lanes.zero.choosing(Lanes(at: x + i, width: width) * factor, whereNegative: -factor)
            unsafe kept.store(to: result + i, width: width)
        }
    }
}
