public import Kernels
import Memory

/// How the elements of a shape lie in an array: where the first one is, and how far apart neighbours along each dimension are.
public struct StridedPlace: Sendable, Hashable {
    /// The place of the first element.
    public let offset: Int

    /// The distance of neighbours along each dimension; 0 repeats an element, less than 0 turns the order round.
    public let strides: [Int]

    /// Elements at `offset` and every `strides` from there.
    public init(offset: Int = 0, strides: [Int]) {
        self.offset = offset
        self.strides = strides
    }

    /// A whole array of `shape`, row by row.
    public init(whole shape: [Int]) {
        self.init(strides: Self.strides(of: shape))
    }

    /// A part of an array of `shape` that begins at `starts` and takes every `steps`th element of each dimension.
    public init(in shape: [Int], starts: [Int], steps: [Int]? = nil) {
        insist(
            starts.count == shape.count && (steps ?? starts).count == shape.count,
            "starts \(starts) and steps \(steps ?? []) do not fit the shape \(shape)")
        let strides = Self.strides(of: shape)
        let steps = steps ?? shape.map { _ in 1 }
        self.init(
            offset: zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }, strides: zip(strides, steps).map { $0 * $1 })
    }

    /// The distances of neighbours in a whole array.
    private static func strides(of shape: [Int]) -> [Int] {
        var stride = 1
        return shape.reversed().map { length in
            defer { stride *= length }
            return stride
        }.reversed()
    }
}

/// A copy of some elements of one array to some places of another: slices, padding, pieces of a concatenation, repetition, a
/// reversed order, and back.
///
/// A plan is made once, where a step's sizes are worked out; running it allocates nothing.
public struct CopyPlan: Sendable, Hashable {
    /// What is copied.
    public let shape: [Int]

    /// How the elements lie in the source and in the target.
    private let outer: StridedDimensions
    private let inner: StridedDimensions.Dimension
    private let source: Reach
    private let target: Reach

    /// The first place of all, and the lowest and the highest.
    private struct Reach: Sendable, Hashable {
        let offset: Int
        let lowest: Int
        let highest: Int

        init(of place: StridedPlace, shape: [Int]) {
            let ends = zip(shape, place.strides).map { ($0 - 1) * $1 }
            offset = place.offset
            lowest = place.offset + ends.reduce(0) { $0 + min($1, 0) }
            highest = place.offset + ends.reduce(0) { $0 + max($1, 0) }
        }
    }

    /// Plans a copy of `shape` from where its elements lie in one array to where they shall lie in another.
    public init(shape: [Int], from source: StridedPlace, to target: StridedPlace) {
        insist(
            source.strides.count == shape.count && target.strides.count == shape.count,
            "strides \(source.strides) and \(target.strides) do not fit the shape \(shape)")
        self.shape = shape
        var dimensions = StridedDimensions()
        for place in shape.indices.reversed() {
            dimensions.add(length: shape[place], first: source.strides[place], second: target.strides[place])
        }
        inner = dimensions.removeInner() ?? .init(length: 1, first: 1, second: 1)
        outer = dimensions
        self.source = Reach(of: source, shape: shape)
        self.target = Reach(of: target, shape: shape)
    }

    /// The number of elements that are copied.
    public var count: Int { shape.reduce(1, *) }

    /// Copies; the other places of `result` stay as they are.
    public func copy(_ x: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool) {
        run(x, into: &result, pool: pool, isSum: false)
    }

    /// Adds instead: the gradient of a repetition, or of parts that overlap. In one thread, for places may be the same.
    public func add(_ x: Span<Float>, to result: inout MutableSpan<Float>) {
        run(x, into: &result, pool: nil, isSum: true)
    }

    private func run(_ x: Span<Float>, into result: inout MutableSpan<Float>, pool: ThreadPool?, isSum: Bool) {
        guard count > 0 else { return }
        insist(
            source.lowest >= 0 && source.highest < x.count,
            "a copy reads from \(source.lowest) to \(source.highest) of \(x.count) elements")
        insist(
            target.lowest >= 0 && target.highest < result.count,
            "a copy writes from \(target.lowest) to \(target.highest) of \(result.count) elements")
        let rows = count / inner.length
        unsafe x.withAddress { x in
            unsafe result.withAddress { result in
                let work = unsafe Work(plan: self, x: x, result: result)
                guard !isSum, let pool else { return unsafe work.add(0..<rows) }
                unsafe pool.forEachChunk(of: rows, grain: inner.length, with: work) { work, rows in
                    unsafe work.copy(rows)
                }
            }
        }
    }

    /// Where a row begins in both arrays.
    private func start(of row: Int) -> (source: Int, target: Int) {
        let place = outer.place(of: row)
        return (source.offset + place.first, target.offset + place.second)
    }

    /// What every thread needs to know.
    @unsafe private struct Work {
        let plan: CopyPlan
        let x: UnsafePointer<Float>
        let result: UnsafeMutablePointer<Float>

        func copy(_ rows: Range<Int>) {
            let inner = unsafe plan.inner
            for row in rows {
                let start = unsafe plan.start(of: row)
                let (from, to) = unsafe (x + start.source, result + start.target)
                if inner.first == 1 && inner.second == 1 {
                    forEachLanes(of: inner.length) { i, width in
                        unsafe Lanes(at: from + i, width: width).store(to: to + i, width: width)
                    }
                } else {
                    for i in 0..<inner.length { unsafe to[i &* inner.second] = from[i &* inner.first] }
                }
            }
        }

        func add(_ rows: Range<Int>) {
            let inner = unsafe plan.inner
            for row in rows {
                let start = unsafe plan.start(of: row)
                let (from, to) = unsafe (x + start.source, result + start.target)
                for i in 0..<inner.length { unsafe to[i &* inner.second] += from[i &* inner.first] }
            }
        }
    }
}
