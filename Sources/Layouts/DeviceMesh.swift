/// How the ranks of a world are laid out: axes such as "dp" of size 4, the outermost first (MindSpore's
/// `device_matrix` with names, as in its `Layout`).
///
///     let mesh = try DeviceMesh(["dp": 4, "tp": 2])
///     mesh.coordinates(of: 5)                  // [2, 1]: the last axis runs fastest
///     mesh.group(of: 5, along: ["dp"])         // [1, 3, 5, 7]
///     let layout = try mesh.layout(nil, "tp")  // a matrix whose columns are split over "tp"
public struct DeviceMesh: Hashable, Sendable, CustomStringConvertible {
    /// An axis of a mesh.
    public struct Axis: Hashable, Sendable {
        /// What the axis is called.
        public let name: String

        /// The number of ranks along it.
        public let size: Int

        /// Describes an axis.
        public init(_ name: String, size: Int) {
            self.name = name
            self.size = size
        }
    }

    /// The axes, the outermost first.
    public let axes: [Axis]

    /// The number of ranks.
    public let rankCount: Int

    /// The most ranks of a mesh: with more, what is known of each would not fit into memory.
    public static let rankLimit = 1 << 17

    /// The most axes of a mesh: no more than 17 can have two ranks, and all that is done with a mesh goes through all of them.
    public static let axisLimit = 64

    /// Makes a mesh. Throws ``LayoutError`` if a name stands there twice, a size is below 1, or there are more axes than
    /// ``axisLimit`` or more ranks than ``rankLimit``.
    public init(axes: [Axis]) throws(LayoutError) {
        guard axes.count <= Self.axisLimit else { throw .tooManyAxes(axes.count) }
        var names: Set<String> = []
        var rankCount = 1
        for axis in axes {
            guard !axis.name.isEmpty, axis.name != DimensionSplit.noneName else { throw .axisName(axis.name) }
            guard names.insert(axis.name).inserted else { throw .axisTwice(axis.name) }
            guard axis.size >= 1 else { throw .axisSize(axis: axis.name, size: axis.size) }
            let (product, overflow) = rankCount.multipliedReportingOverflow(by: axis.size)
            guard !overflow, product <= Self.rankLimit else { throw .tooManyRanks(deviceMatrix: axes.map(\.size)) }
            rankCount = product
        }
        self.axes = axes
        self.rankCount = rankCount
    }

    /// Makes a mesh as in `DeviceMesh(["dp": 4, "tp": 2])`; the order counts. Throws as ``init(axes:)`` does.
    public init(_ sizes: KeyValuePairs<String, Int>) throws(LayoutError) {
        try self.init(axes: sizes.map { Axis($0.key, size: $0.value) })
    }

    /// Throws ``LayoutError/rankCount(mesh:ranks:)`` unless the mesh has as many ranks as the world.
    public func check(rankCount ranks: Int) throws(LayoutError) {
        guard rankCount == ranks else { throw .rankCount(mesh: self, ranks: ranks) }
    }

    /// The sizes of the axes, as MindSpore's strategy files have them.
    public var deviceMatrix: [Int] { axes.map(\.size) }

    /// The names of the axes.
    public var axisNames: [String] { axes.map(\.name) }

    /// As in "dp 4 × tp 2".
    public var description: String { axes.map { "\($0.name) \($0.size)" }.joined(separator: " × ") }

    /// The place of an axis in ``axes``. Throws ``LayoutError/axisUnknown(_:mesh:)`` if there is none of this name.
    public func index(of axis: String) throws(LayoutError) -> Int {
        guard let index = axes.firstIndex(where: { $0.name == axis }) else { throw .axisUnknown(axis, mesh: self) }
        return index
    }
}

extension DeviceMesh {
    /// Where a rank stands along each axis; the last axis runs fastest.
    public func coordinates(of rank: Int) -> [Int] {
        precondition((0..<rankCount).contains(rank), "there is no rank \(rank) in the mesh \(self)")
        var rest = rank
        var coordinates = [Int](repeating: 0, count: axes.count)
        for index in axes.indices.reversed() {
            coordinates[index] = rest % axes[index].size
            rest /= axes[index].size
        }
        return coordinates
    }

    /// The rank at a place along each axis.
    public func rank(at coordinates: [Int]) -> Int {
        precondition(coordinates.count == axes.count, "\(coordinates) has not one number for each axis of \(self)")
        return zip(axes, coordinates).reduce(0) { rank, next in
            precondition((0..<next.0.size).contains(next.1), "\(next.1) is not on axis \(next.0.name) of \(self)")
            return rank * next.0.size + next.1
        }
    }

    /// The ranks that differ from a rank along some axes only, ascending; the rank itself is one of them.
    ///
    /// Throws ``LayoutError/axisUnknown(_:mesh:)``.
    public func group(of rank: Int, along axisNames: [String]) throws(LayoutError) -> [Int] {
        var free: Set<Int> = []
        for name in axisNames { free.insert(try index(of: name)) }
        var groups = [coordinates(of: rank)]
        for axis in free.sorted() {
            groups = groups.flatMap { place in
                (0..<axes[axis].size).map { coordinate in
                    var place = place
                    place[axis] = coordinate
                    return place
                }
            }
        }
        return groups.map(self.rank(at:)).sorted()
    }

    /// All groups along some axes, in the order of their first ranks. Throws ``LayoutError/axisUnknown(_:mesh:)``.
    public func groups(along axisNames: [String]) throws(LayoutError) -> [[Int]] {
        var groups: [[Int]] = []
        var placed: Set<Int> = []
        for rank in 0..<rankCount where !placed.contains(rank) {
            let group = try group(of: rank, along: axisNames)
            placed.formUnion(group)
            groups.append(group)
        }
        return groups
    }
}
