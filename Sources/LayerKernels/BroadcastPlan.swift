public import Kernels
import Memory

/// Functions of two numbers, element by element. Comparisons give 1 and 0.
public enum BinaryFunction: Sendable, Hashable, CaseIterable {
    case add, subtract, multiply, divide
    /// The larger and the smaller; NaN where either is NaN.
    case maximum, minimum
    /// The C library's `powf`.
    case power
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
}

/// How two tensors of any shapes are computed with element by element: dimensions are counted from the last, and those of length
/// 1 are repeated, as in NumPy and MindSpore.
///
/// ```swift
/// let plan = BroadcastPlan(a: [8, 16, 32], b: [16, 1])
/// plan.apply(.multiply, x.span, scales.span, into: &result, pool: pool)
/// ```
/// A plan is made once, where a step's sizes are worked out; applying it allocates nothing.
public struct BroadcastPlan: Sendable, Hashable {
    /// The shape of the result.
    public let shape: [Int]

    /// How the elements lie in both tensors.
    private let outer: StridedDimensions
    private let inner: StridedDimensions.Dimension
    private let counts: [Int]

    /// Plans a function of tensors of shapes `a` and `b`.
    public init(a: [Int], b: [Int]) {
        let rank = max(a.count, b.count)
        let padded = [a, b].map { Array(repeating: 1, count: rank - $0.count) + $0 }
        var shape: [Int] = []
        for (left, right) in zip(padded[0], padded[1]) {
            insist(left == right || left == 1 || right == 1, "shapes \(a) and \(b) do not fit together")
            shape.append(left == 1 ? right : left)
        }
        self.shape = shape
        counts = padded.map { $0.reduce(1, *) }

        var strides = (1, 1)
        var dimensions = StridedDimensions()
        for place in shape.indices.reversed() {
            let (a, b) = (padded[0][place], padded[1][place])
            dimensions.add(length: shape[place], first: a == 1 ? 0 : strides.0, second: b == 1 ? 0 : strides.1)
            strides = (strides.0 * a, strides.1 * b)
        }
        inner = dimensions.removeInner() ?? .init(length: 1, first: 1, second: 1)
        outer = dimensions
    }

    /// The number of elements of the result.
    public var count: Int { shape.reduce(1, *) }

    /// Computes `function` of both tensors, the rows of the result spread over the pool.
    public func apply(
        _ function: BinaryFunction, _ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>,
        pool: ThreadPool
    ) {
        require(a.count, of: "the first tensor", is: counts[0])
        require(b.count, of: "the second tensor", is: counts[1])
        require(result.count, of: "the result", is: count)
        let rows = inner.length == 0 ? 0 : count / inner.length
        unsafe withAddresses(a, b) { a, b in
            unsafe result.withAddress { result in
                let work = unsafe Work(plan: self, function: function, a: a, b: b, result: result)
                unsafe pool.forEachChunk(of: rows, grain: inner.length, with: work) { work, rows in
                    unsafe work.run(rows)
                }
            }
        }
    }

    /// What every thread needs to know.
    @unsafe private struct Work {
        let plan: BroadcastPlan
        let function: BinaryFunction
        let a: UnsafePointer<Float>
        let b: UnsafePointer<Float>
        let result: UnsafeMutablePointer<Float>

        func run(_ rows: Range<Int>) {
            switch unsafe function {
            case .add: unsafe map(rows) { $0 + $1 }
            case .subtract: unsafe map(rows) { $0 - $1 }
            case .multiply: unsafe map(rows) { $0 * $1 }
            case .divide: unsafe map(rows) { $0.divided(by: $1) }
            case .maximum: unsafe map(rows) { $0.larger($1) }
            case .minimum: unsafe map(rows) { $0.smaller($1) }
            case .power: unsafe map(rows) { raised($0, to: $1) }
            case .equal: unsafe map(rows) { Lanes.zero.replacing(with: 1, where: $0 .== $1) }
            case .notEqual: unsafe map(rows) { Lanes.zero.replacing(with: 1, where: $0 .!= $1) }
            case .less: unsafe map(rows) { Lanes.zero.replacing(with: 1, where: $0 .< $1) }
            case .lessOrEqual: unsafe map(rows) { Lanes.zero.replacing(with: 1, where: $0 .<= $1) }
            case .greater: unsafe map(rows) { Lanes.zero.replacing(with: 1, where: $0 .> $1) }
            case .greaterOrEqual: unsafe map(rows) { Lanes.zero.replacing(with: 1, where: $0 .>= $1) }
            }
        }

        @inline(__always)
        private func map(_ rows: Range<Int>, _ transform: (Lanes, Lanes) -> Lanes) {
            let inner = unsafe plan.inner
            for row in rows {
                let start = unsafe plan.outer.place(of: row)
                let (a, b, target) = unsafe (a + start.first, b + start.second, result + row * inner.length)
                forEachLanes(of: inner.length) { i, width in
                    let left = unsafe inner.first == 0 ? Lanes(repeating: a[0]) : Lanes(at: a + i, width: width)
                    let right = unsafe inner.second == 0 ? Lanes(repeating: b[0]) : Lanes(at: b + i, width: width)
                    unsafe transform(left, right).store(to: target + i, width: width)
                }
            }
        }
    }
}
