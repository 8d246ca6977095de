/// A tensor cut into boxes that follow each other in row-major order: together they are its elements from the first to
/// the last, and each is contiguous.
public struct RowMajorChunks: Sequence, Sendable {
    private let shape: [Int]

    /// The dimension along which chunks are cut; whole behind it, one index before it.
    private let dimension: Int
    private let rows: Int

    /// Cuts a tensor into boxes of at most `elementLimit` elements.
    public init(of shape: [Int], elementLimit: Int) {
        precondition(elementLimit > 0, "a chunk cannot have \(elementLimit) elements")
        self.shape = shape
        var dimension = shape.count
        var inner = 1
        while dimension > 0, inner * shape[dimension - 1] <= elementLimit {
            dimension -= 1
            inner *= shape[dimension]
        }
        // Dimensions from `dimension` on fit; the one before is cut.
        self.dimension = dimension - 1
        rows = inner == 0 ? 1 : elementLimit / inner
    }

    /// The boxes, in order.
    public func makeIterator() -> AnyIterator<ShardRange> {
        if dimension < 0 { return AnyIterator(wholeOnce().makeIterator()) }
        let outer = shape[..<dimension]
        let outerCount = outer.reduce(1, *)
        let shape = shape
        let (dimension, rows) = (dimension, rows)
        var index = 0
        var row = 0
        return AnyIterator {
            guard index < outerCount else { return nil }
            var rest = index
            var ranges = shape.map { 0..<$0 }
            for place in outer.indices.reversed() {
                let coordinate = rest % shape[place]
                ranges[place] = coordinate..<coordinate + 1
                rest /= shape[place]
            }
            let end = Swift.min(row + rows, shape[dimension])
            ranges[dimension] = row..<end
            row = end
            if row == shape[dimension] {
                row = 0
                index += 1
            }
            return ShardRange(ranges)
        }
    }

    private func wholeOnce() -> [ShardRange] {
        shape.contains(0) ? [] : [ShardRange(whole: shape)]
    }
}
