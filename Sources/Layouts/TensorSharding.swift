/// A tensor of a known shape on a mesh: who holds which slice of it.
public struct TensorSharding: Hashable, Sendable {
    /// A slice and the ranks that hold it.
    public struct Shard: Hashable, Sendable {
        /// The slice, as a box in the whole tensor.
        public let range: ShardRange

        /// The ranks, ascending.
        public let ranks: [Int]
    }

    /// The shape of the whole tensor.
    public let shape: [Int]

    /// How it is laid out.
    public let layout: TensorLayout

    /// The shape of every slice.
    public let shardShape: [Int]

    // What a rank holds is reckoned from these when it is asked for: a manifest may name a hundred thousand ranks and as many
    // tensors, and a table for each would fill any memory.
    private let sliceShape: [Int]
    private let optimizerParts: Int

    /// Lays a tensor out.
    ///
    /// Throws ``LayoutError`` if the layout is for another number of dimensions or if a dimension cannot be divided.
    public init(of shape: [Int], _ layout: TensorLayout) throws(LayoutError) {
        (sliceShape, optimizerParts) = try Self.cut(shape, layout)
        self.shape = shape
        self.layout = layout
        shardShape = ShardRange(whole: sliceShape).part(0, of: optimizerParts).shape
    }

    /// All slices, each once, reckoned anew. Their order is the one in which MindSpore's `remove_redundancy` goes through
    /// groups of ranks.
    public var shards: [Shard] {
        layout.replicaGroups.flatMap { group in
            let slice = layout.slice(of: group[0], sliceShape)
            return (0..<optimizerParts).map { part in
                let ranks = stride(from: part, to: group.count, by: optimizerParts).map { group[$0] }
                return Shard(range: slice.part(part, of: optimizerParts), ranks: ranks)
            }
        }
    }

    /// The slices that some ranks hold, with those of the ranks that do: of a hundred thousand ranks there may be two.
    package func shards(heldBy ranks: some Sequence<Int>) -> [Shard] {
        Dictionary(grouping: ranks.sorted(), by: shardIndex).sorted { $0.key < $1.key }.map { _, ranks in
            Shard(range: range(of: ranks[0]), ranks: ranks)
        }
    }

    /// The number of ``shards``.
    public var shardCount: Int { layout.replicaGroupCount * optimizerParts }

    /// Which of ``shards`` a rank holds.
    public func shardIndex(of rank: Int) -> Int {
        let place = layout.replicaPlace(of: rank)
        return place.group * optimizerParts + place.index % optimizerParts
    }

    private static func cut(
        _ shape: [Int], _ layout: TensorLayout
    ) throws(LayoutError) -> (sliceShape: [Int], optimizerParts: Int) {
        guard layout.axes.count == shape.count else { throw .dimensionCount(layout: layout, shape: shape) }
        var sliceShape = shape
        for dimension in shape.indices {
            let parts = layout.partCount(of: dimension)
            guard shape[dimension] % parts == 0 else {
                throw .notDivisible(dimension: dimension, shape: shape, parts: parts)
            }
            sliceShape[dimension] /= parts
        }
        let replicas = layout.mesh.rankCount / shape.indices.reduce(1) { $0 * layout.partCount(of: $1) }
        return (sliceShape, try layout.optimizerParts(of: shape, sliceShape: sliceShape, replicas: replicas))
    }

    /// Lays a tensor out with optimizer shards where it can be divided into them, and else without, as MindSpore does.
    public init(of shape: [Int], shardingOptimizerWherePossible layout: TensorLayout) throws(LayoutError) {
        do {
            try self.init(of: shape, layout)
        } catch {
            try self.init(of: shape, layout.with(.none))
        }
    }

    /// The slice that a rank holds, as a box in the whole tensor.
    public func range(of rank: Int) -> ShardRange {
        let part = layout.replicaPlace(of: rank).index % optimizerParts
        return layout.slice(of: rank, sliceShape).part(part, of: optimizerParts)
    }

    /// The groups of ranks that hold the same slice.
    public var replicaGroups: [[Int]] { shards.map(\.ranks) }

    /// Whether every rank holds the whole tensor.
    public var isReplicated: Bool { shardCount == 1 }
}

extension TensorLayout {
    /// The slice of a rank before optimizer shards cut it again.
    fileprivate func slice(of rank: Int, _ sliceShape: [Int]) -> ShardRange {
        let coordinates = mesh.coordinates(of: rank)
        return ShardRange(
            zip(axes, sliceShape).map { axes, size in
                let part = axes.reduce(0) { $0 * mesh.axes[$1].size + coordinates[$1] }
                return part * size..<(part + 1) * size
            })
    }

    /// The number of parts that optimizer shards cut a slice into.
    fileprivate func optimizerParts(
        of shape: [Int], sliceShape: [Int], replicas: Int
    ) throws(LayoutError) -> Int {
        let parts: Int
        switch optimizerShard {
        case .none: return 1
        case .everyReplica: parts = replicas
        case .parts(let count): parts = count
        }
        guard parts > 0, replicas % parts == 0 else { throw .optimizerShards(parts: parts, replicas: replicas) }
        guard parts > 1 else { return 1 }
        guard let rows = sliceShape.first, rows % parts == 0 else {
            throw .notDivisible(dimension: 0, shape: shape, parts: parts * (axes.isEmpty ? 1 : partCount(of: 0)))
        }
        return parts
    }
}

extension ShardRange {
    /// Part `index` of a box that is cut into `count` along dimension 0.
    fileprivate func part(_ index: Int, of count: Int) -> ShardRange {
        guard count > 1, let rows = ranges.first else { return self }
        let size = rows.count / count
        let start = rows.lowerBound + index * size
        return ShardRange([start..<start + size] + ranges.dropFirst())
    }
}
