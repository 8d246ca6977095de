/// The stretches of elements that a box is made of, contiguous both where it comes from and where it goes.
///
/// Offsets count elements in row-major order.
public struct CopyRuns: Sequence, Sendable {
    /// A stretch.
    public struct Run: Hashable, Sendable {
        /// Where it begins in the source.
        public let source: Int

        /// Where it begins in the target.
        public let target: Int

        /// The number of its elements.
        public let count: Int
    }

    /// The number of elements of every stretch.
    public let runCount: Int

    private let outer: [Int]
    private let sourceStrides: [Int]
    private let targetStrides: [Int]
    private let sourceStart: Int
    private let targetStart: Int
    private let isEmpty: Bool

    /// Cuts a box: `source` in a tensor of `sourceShape` is to become `target`, of the same shape, in one of `targetShape`.
    public init(_ source: ShardRange, in sourceShape: [Int], to target: ShardRange, in targetShape: [Int]) {
        let extents = source.shape
        precondition(extents == target.shape, "\(source) cannot become \(target)")
        // Dimensions that are whole on both sides join the run, and so does the first that is not.
        var run = 1
        var inner = extents.count
        while inner > 0 {
            inner -= 1
            run *= extents[inner]
            guard extents[inner] == sourceShape[inner], extents[inner] == targetShape[inner] else { break }
        }
        runCount = run
        outer = Array(extents[..<inner])
        sourceStrides = rowMajorStrides(sourceShape)
        targetStrides = rowMajorStrides(targetShape)
        sourceStart = zip(source.ranges, sourceStrides).reduce(0) { $0 + $1.0.lowerBound * $1.1 }
        targetStart = zip(target.ranges, targetStrides).reduce(0) { $0 + $1.0.lowerBound * $1.1 }
        isEmpty = extents.contains(0)
    }

    /// The stretches, in row-major order.
    public func makeIterator() -> AnyIterator<Run> {
        var place = [Int](repeating: 0, count: outer.count)
        var source = sourceStart
        var target = targetStart
        var isDone = isEmpty
        return AnyIterator {
            guard !isDone else { return nil }
            let run = Run(source: source, target: target, count: runCount)
            isDone = true
            // The odometer: the last dimension that has a next row moves on, those behind it begin anew.
            for dimension in outer.indices.reversed() {
                place[dimension] += 1
                source += sourceStrides[dimension]
                target += targetStrides[dimension]
                if place[dimension] < outer[dimension] {
                    isDone = false
                    break
                }
                source -= place[dimension] * sourceStrides[dimension]
                target -= place[dimension] * targetStrides[dimension]
                place[dimension] = 0
            }
            return run
        }
    }
}

/// How many elements lie between neighbours along each dimension.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for dimension in shape.indices.dropLast().reversed() {
        strides[dimension] = strides[dimension + 1] * shape[dimension + 1]
    }
    return strides
}
