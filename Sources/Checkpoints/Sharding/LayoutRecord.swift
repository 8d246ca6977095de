public import Layouts

/// The layout of a parameter as a manifest has it; the mesh stands there once for all.
public struct LayoutRecord: Codable, Hashable, Sendable {
    /// For each dimension the names of the mesh axes that split it, the major one first.
    public let axes: [[String]]

    /// MindSpore's `opt_weight_shard_size`: 0 for none, -1 for a part a replica, else the number of parts.
    public let optimizerShardSize: Int

    /// Describes a layout.
    public init(_ layout: TensorLayout) {
        axes = layout.axes.map { $0.map { layout.mesh.axes[$0].name } }
        optimizerShardSize = layout.optimizerShardSize
    }

    /// The layout on its mesh. Throws `LayoutError` if the mesh does not have these axes.
    public func layout(on mesh: DeviceMesh) throws(LayoutError) -> TensorLayout {
        let shard: OptimizerShard =
            switch optimizerShardSize {
            case 0: .none
            case -1: .everyReplica
            default: .parts(optimizerShardSize)
            }
        return try mesh.layout(splits: axes.map { DimensionSplit($0) }, optimizerShard: shard)
    }
}

extension DeviceMesh {
    /// The mesh of a manifest.
    public init(_ axes: [MeshAxis]) throws(LayoutError) {
        try self.init(axes: axes.map { Axis($0.axis, size: $0.size) })
    }

    /// The axes as a manifest has them.
    public var record: [MeshAxis] { axes.map { MeshAxis($0.name, size: $0.size) } }
}
