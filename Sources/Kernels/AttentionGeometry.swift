import Memory

/// The sizes of an attention over fused projections: `batch` sequences of `length` tokens, `heads` heads of `size`.
public struct AttentionGeometry: Sendable, Hashable {
    /// The number of sequences.
    public let batch: Int

    /// The number of heads: on a shard, its own.
    public let heads: Int

    /// The tokens of a sequence.
    public let length: Int

    /// The width of a head.
    public let size: Int

    /// Names the sizes.
    public init(batch: Int, heads: Int, length: Int, size: Int) {
        insist(
            min(batch, heads, length, size) >= 0,
            "no attention has batch \(batch), heads \(heads), length \(length), size \(size)")
        self.batch = batch
        self.heads = heads
        self.length = length
        self.size = size
    }

    /// The width of the output: all heads side by side.
    public var width: Int { heads * size }

    /// The elements of the output, and of each of q, k and v.
    public var outputCount: Int { batch * length * width }

    /// The elements of q, k and v together.
    public var projectionCount: Int { 3 * outputCount }

    /// The rows of scores, one for each query of each head.
    public var rowCount: Int { batch * heads * length }
}

/// The dropout of attention probabilities, which are [batch, heads, length, length] over the whole mesh.
public struct AttentionDropout: Sendable, Hashable {
    /// The probability that an element is dropped.
    public let rate: Float

    /// What a whole run is reproduced from.
    public let seed: UInt64

    /// Which of the run's dropouts this is, below 2^31.
    public let stream: UInt32

    /// The training step.
    public let step: UInt32

    /// The sequence of the whole batch that is the shard's first.
    public let firstSequence: Int

    /// The head that is the shard's first.
    public let firstHead: Int

    /// The heads of all shards.
    public let totalHeads: Int

    /// Names the dropout, and the place of a shard in it.
    public init(
        rate: Float, seed: UInt64, stream: UInt32, step: UInt32, firstSequence: Int = 0, firstHead: Int = 0,
        totalHeads: Int
    ) {
        self.rate = rate
        self.seed = seed
        self.stream = stream
        self.step = step
        self.firstSequence = firstSequence
        self.firstHead = firstHead
        self.totalHeads = totalHeads
    }

    /// The mask of one head's [length, length] probabilities.
    func mask(sequence: Int, head: Int, length: Int) -> DropoutMask {
        let globalHead = (firstSequence + sequence) * totalHeads + firstHead + head
        return DropoutMask(seed: seed, stream: stream, step: step, firstRow: globalHead * length, totalColumns: length)
    }
}
