public import Kernels
import Memory

/// What many numbers are made one of.
public enum Reduction: Sendable, Hashable, CaseIterable {
    case sum, mean
    /// The largest and the smallest; NaN where one is NaN, and −∞ and ∞ of no numbers.
    case maximum, minimum
}

/// How a tensor is reduced over any of its dimensions.
///
/// A plan is made once, where a step's sizes are worked out; applying it allocates nothing. The order of sums is fixed, whatever
/// the number of threads.
public struct ReductionPlan: Sendable, Hashable {
    /// The shape of the result, the reduced dimensions left out.
    public let shape: [Int]

    /// The same with length 1 in their place (MindSpore: `keep_dims`).
    public let keptShape: [Int]

    private let inputCount: Int

    /// The number of elements that one of the result is made of.
    private let reducedCount: Int

    private let kept: StridedDimensions
    private let reduced: StridedDimensions
    private let inner: Int
    private let reducesInner: Bool

    /// Plans a reduction of a tensor of `shape`; `axes` may count from the last dimension as −1.
    public init(shape: [Int], axes: [Int]) {
        let places = Set(axes.map { $0 < 0 ? $0 + shape.count : $0 })
        insist(
            places.count == axes.count && places.allSatisfy(shape.indices.contains),
            "axes \(axes) are not different dimensions of \(shape)")
        self.shape = shape.indices.filter { !places.contains($0) }.map { shape[$0] }
        keptShape = shape.indices.map { places.contains($0) ? 1 : shape[$0] }
        inputCount = shape.reduce(1, *)
        reducedCount = places.reduce(1) { $0 * shape[$1] }

        var (kept, reduced, stride) = (StridedDimensions(), StridedDimensions(), 1)
        for place in shape.indices.reversed() {
            if places.contains(place) {
                reduced.add(length: shape[place], first: stride)
            } else {
                kept.add(length: shape[place], first: stride)
            }
            stride *= shape[place]
        }
        // The innermost dimension is run through by vectors.
        reducesInner = reduced.inner?.first == 1
        inner = (reducesInner ? reduced.removeInner() : kept.removeInner())?.length ?? 1
        (self.kept, self.reduced) = (kept, reduced)
    }

    /// The number of elements of the result.
    public var count: Int { shape.reduce(1, *) }

    /// Reduces a tensor, the elements of the result spread over the pool.
    public func apply(
        _ reduction: Reduction, _ x: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool
    ) {
        require(x.count, of: "the tensor", is: inputCount)
        require(result.count, of: "the result", is: count)
        let rows = reducesInner ? count : inner == 0 ? 0 : count / inner
        unsafe x.withAddress { x in
            unsafe result.withAddress { result in
                let work = unsafe Work(plan: self, reduction: reduction, x: x, result: result)
                unsafe pool.forEachChunk(of: rows, grain: inner * steps, with: work) { work, rows in
                    unsafe work.run(rows)
                }
            }
        }
    }

    /// The number of runs of the innermost dimension that one result, or one row of them, is made of.
    private var steps: Int { reduced.count }

    /// What every thread needs to know.
    @unsafe private struct Work {
        let plan: ReductionPlan
        let reduction: Reduction
        let x: UnsafePointer<Float>
        let result: UnsafeMutablePointer<Float>

        func run(_ rows: Range<Int>) {
            switch unsafe reduction {
            case .sum: unsafe fold(rows, from: 0, by: { $0 + $1 }, across: \.sumOfLanes)
            case .mean:
                unsafe fold(rows, from: 0, by: { $0 + $1 }, across: \.sumOfLanes)
                let (width, count) = unsafe (plan.reducesInner ? 1 : plan.inner, Float(plan.reducedCount))
                for i in rows.lowerBound * width..<rows.upperBound * width { unsafe result[i] /= count }
            case .maximum: unsafe fold(rows, from: -.infinity, by: { $0.larger($1) }, across: \.largestOrNaN)
            case .minimum: unsafe fold(rows, from: .infinity, by: { $0.smaller($1) }, across: \.smallestOrNaN)
            }
        }

        @inline(__always)
        private func fold(
            _ rows: Range<Int>, from identity: Float, by step: (Lanes, Lanes) -> Lanes, across: (Lanes) -> Float
        ) {
            for row in rows {
                let start = unsafe x + plan.kept.place(of: row).first
                if unsafe plan.reducesInner {
                    unsafe foldInner(start, into: row, from: identity, by: step, across: across)
                } else {
                    unsafe foldOuter(start, into: row * plan.inner, from: identity, by: step)
                }
            }
        }

        /// One result of runs that lie side by side.
        @inline(__always)
        private func foldInner(
            _ start: UnsafePointer<Float>, into place: Int, from identity: Float, by step: (Lanes, Lanes) -> Lanes,
            across: (Lanes) -> Float
        ) {
            var total = Lanes(repeating: identity)
            for index in unsafe 0..<plan.steps {
                let run = unsafe start + plan.reduced.place(of: index).first
                let lanes = unsafe foldLanes(
                    run, count: plan.inner, from: Lanes(repeating: identity), padding: identity, step, merging: step)
                total = step(total, lanes)
            }
            unsafe result[place] = across(total)
        }

        /// A row of results that lie side by side.
        @inline(__always)
        private func foldOuter(
            _ start: UnsafePointer<Float>, into place: Int, from identity: Float, by step: (Lanes, Lanes) -> Lanes
        ) {
            unsafe forEachLanes(of: plan.inner) { i, width in
                var total = Lanes(repeating: identity)
                for index in unsafe 0..<plan.steps {
                    let run = unsafe start + plan.reduced.place(of: index).first
                    total = unsafe step(total, Lanes(at: run + i, width: width))
                }
                unsafe total.store(to: result + (place + i), width: width)
            }
        }
    }
}

extension SIMD16<Float> {
    /// The largest lane, NaN if there is one.
    @inline(__always)
    fileprivate var largestOrNaN: Float {
        var largest = self[0]
        for lane in 1..<Self.scalarCount where self[lane] > largest || self[lane].isNaN { largest = self[lane] }
        return largest
    }

    /// The smallest lane, NaN if there is one.
    @inline(__always)
    fileprivate var smallestOrNaN: Float {
        var smallest = self[0]
        for lane in 1..<Self.scalarCount where self[lane] < smallest || self[lane].isNaN { smallest = self[lane] }
        return smallest
    }
}
