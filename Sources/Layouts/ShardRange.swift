/// A box in a tensor: a range for each dimension.
public struct ShardRange: Hashable, Sendable, CustomStringConvertible {
    /// The range along each dimension; none for a number.
    public let ranges: [Range<Int>]

    /// Makes a box.
    public init(_ ranges: [Range<Int>]) {
        self.ranges = ranges
    }

    /// The box that is a whole tensor.
    public init(whole shape: [Int]) {
        ranges = shape.map { 0..<$0 }
    }

    /// The number of elements along each dimension.
    public var shape: [Int] { ranges.map(\.count) }

    /// The number of elements.
    public var elementCount: Int { ranges.reduce(1) { $0 * $1.count } }

    /// What two boxes in one tensor share; nil if that is nothing.
    public func intersection(_ other: ShardRange) -> ShardRange? {
        precondition(ranges.count == other.ranges.count, "\(self) and \(other) are not in one tensor")
        let common = zip(ranges, other.ranges).map { $0.clamped(to: $1) }
        return common.contains(where: \.isEmpty) ? nil : ShardRange(common)
    }

    /// The same box, counted from the beginning of a box that holds it.
    public func relative(to outer: ShardRange) -> ShardRange {
        ShardRange(
            zip(ranges, outer.ranges).map { $0.lowerBound - $1.lowerBound..<$0.upperBound - $1.lowerBound })
    }

    /// As in "[0..<2, 4..<8]".
    public var description: String { "\(ranges)" }
}
