import Memory

/// The sizes of a tensor's dimensions, outermost first; none for a scalar. Elements lie in row-major order.
public struct Shape: Hashable, Sendable {
    /// The sizes.
    public let dimensions: [Int]

    /// Makes a shape of these sizes, none negative.
    public init(_ dimensions: [Int]) {
        insist(dimensions.allSatisfy { $0 >= 0 }, "a shape cannot be \(dimensions)")
        self.dimensions = dimensions
    }

    /// The shape of a scalar.
    public static let scalar = Shape([])

    /// The number of dimensions.
    public var rank: Int { dimensions.count }

    /// The number of elements.
    public var elementCount: Int { dimensions.reduce(1, *) }

    /// The size of dimension `axis`; negative ones count from the last.
    public subscript(axis: Int) -> Int {
        let index = axis < 0 ? axis + rank : axis
        insist(dimensions.indices.contains(index), "a shape \(self) has no dimension \(axis)")
        return dimensions[index]
    }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
    /// Makes a shape as in `[2, 3]`.
    public init(arrayLiteral dimensions: Int...) {
        self.init(dimensions)
    }

    /// The sizes as in "[2, 3]".
    public var description: String { dimensions.description }
}
