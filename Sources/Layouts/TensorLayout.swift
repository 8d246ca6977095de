/// How the ranks of a mesh share a tensor: which axes split each dimension (MindSpore's `tensor_map`).
///
/// Axes that split no dimension replicate. `["dp": 2, "sp": 2, "mp": 2]` with `layout("dp", "mp")` has the tensor map
/// `[[2], [0]]`: axes are counted from the right there.
public struct TensorLayout: Hashable, Sendable {
    /// The mesh.
    public let mesh: DeviceMesh

    /// For each dimension the places in `mesh.axes` of the axes that split it, the major one first.
    public let axes: [[Int]]

    /// How slices that several ranks hold are cut once more.
    public let optimizerShard: OptimizerShard

    /// Lays tensors out. Throws ``LayoutError/axisUsedTwice(_:)``; the places must be the mesh's.
    init(mesh: DeviceMesh, axes: [[Int]], optimizerShard: OptimizerShard = .none) throws(LayoutError) {
        var used: Set<Int> = []
        for axis in axes.joined() where !used.insert(axis).inserted {
            throw .axisUsedTwice(mesh.axes[axis].name)
        }
        self.mesh = mesh
        self.axes = axes
        self.optimizerShard = optimizerShard
    }

    init(replicatedOn mesh: DeviceMesh, dimensionCount: Int) {
        self.mesh = mesh
        axes = [[Int]](repeating: [], count: dimensionCount)
        optimizerShard = .none
    }

    /// The layout with another optimizer shard.
    public func with(_ optimizerShard: OptimizerShard) -> TensorLayout {
        TensorLayout(copying: self, optimizerShard: optimizerShard)
    }

    private init(copying other: TensorLayout, optimizerShard: OptimizerShard) {
        mesh = other.mesh
        axes = other.axes
        self.optimizerShard = optimizerShard
    }

    /// The layout in which one more axis, as the minor one, splits a dimension.
    ///
    /// `mesh.layout(nil, "tp").splitting(0, by: "dp")` is the layout of an optimizer's state sharded over "dp".
    /// Throws ``LayoutError/axisUsedTwice(_:)`` or ``LayoutError/axisUnknown(_:mesh:)``.
    public func splitting(_ dimension: Int, by axis: String) throws(LayoutError) -> TensorLayout {
        var axes = axes
        axes[dimension].append(try mesh.index(of: axis))
        return try TensorLayout(mesh: mesh, axes: axes, optimizerShard: optimizerShard)
    }

    /// The number of parts that the mesh cuts a dimension into.
    public func partCount(of dimension: Int) -> Int {
        axes[dimension].reduce(1) { $0 * mesh.axes[$1].size }
    }

    /// Whether every rank holds whole tensors.
    public var isReplicated: Bool {
        axes.indices.allSatisfy { partCount(of: $0) == 1 } && (optimizerShard == .none || mesh.rankCount == 1)
    }
}

extension TensorLayout: CustomStringConvertible {
    /// As in "(dp, tp) on dp 4 × tp 2".
    public var description: String {
        let splits = axes.map { axes in
            let names = axes.map { mesh.axes[$0].name }
            return names.count == 1 ? names[0] : names.isEmpty ? "None" : "(\(names.joined(separator: ", ")))"
        }
        return "(\(splits.joined(separator: ", "))) on \(mesh)"
    }
}
