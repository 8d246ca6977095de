extension TensorLayout {
    /// MindSpore's tensor map: for each dimension the axes that split it, counted from the right, or -1.
    public var tensorMap: [[Int]] {
        axes.map { $0.isEmpty ? [-1] : $0.map { mesh.axes.count - 1 - $0 } }
    }

    /// The tensor map without nesting, as MindSpore writes it if no dimension is split by several axes; else nil.
    public var flatTensorMap: [Int]? {
        let map = tensorMap
        return map.allSatisfy { $0.count == 1 } ? map.flatMap(\.self) : nil
    }

    /// Reads a tensor map, of which -1 stands for no axis.
    ///
    /// Throws ``LayoutError/tensorMap(_:deviceMatrix:)`` if it names an axis that is not there.
    public init(
        mesh: DeviceMesh, tensorMap: [[Int]], optimizerShard: OptimizerShard = .none
    ) throws(LayoutError) {
        var axes: [[Int]] = []
        for entry in tensorMap {
            let numbers = entry == [-1] ? [] : entry
            guard numbers.allSatisfy(mesh.axes.indices.contains) else {
                throw .tensorMap(tensorMap, deviceMatrix: mesh.deviceMatrix)
            }
            axes.append(numbers.map { mesh.axes.count - 1 - $0 })
        }
        try self.init(mesh: mesh, axes: axes, optimizerShard: optimizerShard)
    }
}

/// How a slice that several ranks hold is cut again, along dimension 0, so that each of them keeps a part (MindSpore's
/// parallel optimizer).
public enum OptimizerShard: Hashable, Sendable {
    /// Not at all.
    case none

    /// Each of the ranks that hold the slice has a part of its own (`opt_weight_shard_size` -1).
    case everyReplica

    /// Into so many parts: the i-th of the ranks that hold the slice has part i modulo the number of parts.
    case parts(Int)
}

extension TensorLayout {
    /// MindSpore's `opt_weight_shard_size`: 0 for none, -1 for one part a replica.
    public var optimizerShardSize: Int {
        switch optimizerShard {
        case .none: 0
        case .everyReplica: -1
        case .parts(let count): count
        }
    }

    /// MindSpore's `opt_weight_shard_step`: the distance between the first two ranks that hold the slice of rank 0 before
    /// it is cut again; 0 if it is not.
    public var optimizerShardStep: Int {
        guard optimizerShard != .none else { return 0 }
        let replicas = replicaGroups[0]
        return replicas.count > 1 ? replicas[1] - replicas[0] : 0
    }

    /// The ranks that hold the same slice, before optimizer shards cut it again, in MindSpore's order: groups by their
    /// coordinates on the axes in use, of which the last axis is compared first; ranks ascending.
    public var replicaGroups: [[Int]] {
        var groups = [[Int]](repeating: [], count: replicaGroupCount)
        let used = usedAxes
        for rank in 0..<mesh.rankCount { groups[place(of: rank, used).group].append(rank) }
        return groups
    }

    /// The number of ``replicaGroups``.
    var replicaGroupCount: Int { axes.indices.reduce(1) { $0 * partCount(of: $1) } }

    /// In which of ``replicaGroups`` a rank is, and which of its ranks.
    func replicaPlace(of rank: Int) -> (group: Int, index: Int) {
        precondition((0..<mesh.rankCount).contains(rank), "there is no rank \(rank) in the mesh \(mesh)")
        return place(of: rank, usedAxes)
    }

    /// For each axis of the mesh whether it splits a dimension.
    private var usedAxes: [Bool] {
        var used = [Bool](repeating: false, count: mesh.axes.count)
        for axis in axes.joined() { used[axis] = true }
        return used
    }

    private func place(of rank: Int, _ used: [Bool]) -> (group: Int, index: Int) {
        var rest = rank
        var (group, index, indexStep) = (0, 0, 1)
        for axis in mesh.axes.indices.reversed() {
            let size = mesh.axes[axis].size
            let coordinate = rest % size
            rest /= size
            if used[axis] {
                // The last axis counts most.
                group = group * size + coordinate
            } else {
                // The last axis counts least, as in the number of the rank.
                index += coordinate * indexStep
                indexStep *= size
            }
        }
        return (group, index)
    }
}
