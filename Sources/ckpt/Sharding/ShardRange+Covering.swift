import Layouts

extension ShardRange {
    /// The boxes that neighbouring elements of a tensor make up, counted in row-major order: few, and in that order.
    static func covering(_ elements: Range<Int>, of shape: [Int]) -> [ShardRange] {
        guard !elements.isEmpty else { return [] }
        guard !shape.isEmpty else { return [ShardRange([])] }
        let inner = Array(shape.dropFirst())
        let rowCount = inner.reduce(1, *)
        var boxes: [ShardRange] = []
        var start = elements.lowerBound
        while start < elements.upperBound {
            let row = start / rowCount
            let wholeRows = start % rowCount == 0 ? (elements.upperBound - start) / rowCount : 0
            if wholeRows > 0 {
                boxes.append(ShardRange([row..<row + wholeRows] + inner.map { 0..<$0 }))
                start += wholeRows * rowCount
                continue
            }
            let end = min(elements.upperBound, (row + 1) * rowCount)
            let part = start - row * rowCount..<end - row * rowCount
            boxes += covering(part, of: inner).map { ShardRange([row..<row + 1] + $0.ranges) }
            start = end
        }
        return boxes
    }

    /// The same box of a tensor in which this one's begins at `origin`.
    func shifted(by origin: ShardRange) -> ShardRange {
        ShardRange(
            zip(ranges, origin.ranges).map { range, origin in
                origin.lowerBound + range.lowerBound..<origin.lowerBound + range.upperBound
            })
    }
}
