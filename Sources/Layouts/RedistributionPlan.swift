/// What one rank needs from whom to hold a part of a tensor that is laid out on other ranks, or on another mesh.
///
/// A pure function of its arguments: every rank can compute the plan of every other.
public struct RedistributionPlan: Sendable {
    /// A box that comes from one rank.
    public struct Piece: Hashable, Sendable {
        /// The rank that it comes from.
        public let source: Int

        /// The box in the slice of that rank.
        public let sourceRange: ShardRange

        /// The box in what is wanted.
        public let targetRange: ShardRange

        let sourceShape: [Int]
        let targetShape: [Int]

        /// The stretches of elements to copy.
        public var runs: CopyRuns {
            CopyRuns(sourceRange, in: sourceShape, to: targetRange, in: targetShape)
        }

        /// The stretches of elements to copy out of the source, one after another, as for a message.
        public var packing: CopyRuns {
            CopyRuns(sourceRange, in: sourceShape, to: ShardRange(whole: sourceRange.shape), in: sourceRange.shape)
        }

        /// The stretches of elements to copy from such a message to their places.
        public var unpacking: CopyRuns {
            CopyRuns(ShardRange(whole: targetRange.shape), in: targetRange.shape, to: targetRange, in: targetShape)
        }
    }

    /// The pieces; together they cover what is wanted, each element once.
    public let pieces: [Piece]

    /// Plans a box of the whole tensor for a rank.
    ///
    /// Of several ranks that hold a slice, the rank itself is the source if it is one of them; else they take turns by
    /// the number of the rank. `holders` leaves out ranks that do not have their slice at hand, as after
    /// `removeRedundancy`.
    public init(
        from source: TensorSharding, covering wanted: ShardRange, rank: Int,
        holders: (Int) -> Bool = { _ in true }
    ) {
        let held = source.shards.map { TensorSharding.Shard(range: $0.range, ranks: $0.ranks.filter(holders)) }
        self.init(from: source, held: held, covering: wanted, rank: rank)
    }

    /// Plans a box for a rank, where it is known who holds each slice: `held` has all of them.
    package init(from source: TensorSharding, held: [TensorSharding.Shard], covering wanted: ShardRange, rank: Int) {
        precondition(held.count == source.shardCount, "\(held.count) of \(source.shardCount) slices are held")
        pieces = held.compactMap { shard in
            guard let common = shard.range.intersection(wanted) else { return nil }
            let ranks = shard.ranks
            precondition(!ranks.isEmpty, "nobody holds \(shard.range)")
            return Piece(
                source: ranks.contains(rank) ? rank : ranks[rank % ranks.count],
                sourceRange: common.relative(to: shard.range), targetRange: common.relative(to: wanted),
                sourceShape: source.shardShape, targetShape: wanted.shape)
        }
    }

    /// Plans the slice that a rank holds in another layout of the same tensor.
    public init(
        from source: TensorSharding, to target: TensorSharding, rank: Int,
        holders: (Int) -> Bool = { _ in true }
    ) {
        precondition(
            source.shape == target.shape, "a tensor of \(source.shape) cannot become one of \(target.shape)")
        self.init(from: source, covering: target.range(of: rank), rank: rank, holders: holders)
    }
}
