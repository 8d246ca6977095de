extension TensorSharding {
    /// The same slices on the same ranks, where that can be said, without a dimension that several axes split.
    ///
    /// MindSpore's `load_distributed_checkpoint` cannot read nested tensor maps, and its `remove_redundancy` reads only the
    /// first part of them. `transform_checkpoints` and `unified_safetensors` read both forms.
    package var flattened: TensorSharding {
        let flat = layout.withReplicasAsOptimizerShard.withNeighbourAxesJoined
        return (try? TensorSharding(of: shape, flat)) ?? self
    }
}

extension TensorLayout {
    private var isNested: Bool { axes.contains { $0.count > 1 } }

    /// Rows that the last axis of the mesh splits, and then all others, as the parts of an optimizer shard.
    ///
    /// Only these: where MindSpore 2.10 is told so of other rows, on three axes, it mixes up the parts.
    fileprivate var withReplicasAsOptimizerShard: TensorLayout {
        guard isNested, optimizerShard == .none, let rows = axes.first, axes.dropFirst().allSatisfy(\.isEmpty),
            let last = mesh.axes.indices.last, rows.first == last, Array(rows.dropFirst()) == Array(0..<last)
        else { return self }
        let map = [[0]] + tensorMap.dropFirst()
        return (try? TensorLayout(mesh: mesh, tensorMap: map, optimizerShard: .everyReplica)) ?? self
    }

    /// Axes that stand side by side in the mesh, and in this order split a dimension, as one axis.
    fileprivate var withNeighbourAxesJoined: TensorLayout {
        guard isNested, axes.allSatisfy({ zip($0, $0.dropFirst()).allSatisfy { $1 == $0 + 1 } }) else { return self }
        let followers = Set(axes.flatMap { $0.dropFirst() })
        let leaders = mesh.axes.indices.filter { !followers.contains($0) }
        let sizes = leaders.map { leader in
            (leader..<(leaders.first { $0 > leader } ?? mesh.axes.count)).reduce(1) { $0 * mesh.axes[$1].size }
        }
        let map = axes.map { axes in
            axes.first.flatMap(leaders.firstIndex).map { [leaders.count - 1 - $0] } ?? [-1]
        }
        let joined = try? DeviceMesh(axes: zip(leaders, sizes).map { DeviceMesh.Axis(mesh.axes[$0].name, size: $1) })
        return joined.flatMap { try? TensorLayout(mesh: $0, tensorMap: map, optimizerShard: optimizerShard) } ?? self
    }
}
