public import Graphs
public import Networks

/// One block of a transformer: attention and a feed-forward network, each on the normalised stream and added to it
/// ("pre-norm").
///
/// x and the result are [samples · length, width]. The names of its parameters begin with `norm1`, `projection`, `output`,
/// `norm2`, `widen` and `narrow`.
public final class GPTBlock: Cell {
    let norm1: LayerNorm
    let attention: CausalSelfAttention
    let norm2: LayerNorm
    let feedForward: FeedForward
    private let sizes: GPTSizes
    private let number: Int

    /// Makes block `number`, from 0, of a network of these sizes. No two blocks of a network have one number, since it tells
    /// their dropouts apart.
    public init(_ sizes: GPTSizes, number: Int, placement: Placement = .whole) {
        self.sizes = sizes
        self.number = number
        // Small enough for pre-norm blocks, and following the width (Nguyen and Salazar, "Transformers without Tears",
        // 2019): the default recipe ends at 2.39 bits per byte with it, and at 2.45 with GPT-2's 0.02 at every width.
        let deviation = Float.smallDeviation(ofWidth: sizes.width)
        // Each block adds twice to the stream; smaller beginnings keep its deviation from growing with their number.
        let last = deviation / Float(2 * sizes.layers).squareRoot()
        norm1 = LayerNorm(sizes.width)
        attention = CausalSelfAttention(
            sizes.width, heads: sizes.heads, length: sizes.length,
            dropout: sizes.dropout, stream: 1 + 3 * number, deviation: deviation, outputDeviation: last,
            placement: placement)
        norm2 = LayerNorm(sizes.width)
        feedForward = FeedForward(
            sizes.width, deviation: deviation, outputDeviation: last, placement: placement)
    }

    /// See ``GPTBlock``.
    public func construct(_ x: Symbol) -> Symbol {
        let stream = x + dropped(attention(norm1(x)), 1)
        return stream + dropped(feedForward(norm2(stream)), 2)
    }

    /// The parts, under the names that their parameters have in checkpoints.
    public var members: [(name: String, value: Any)] {
        [("norm1", norm1), ("", attention), ("norm2", norm2), ("", feedForward)]
    }

    private func dropped(_ x: Symbol, _ which: Int) -> Symbol {
        x.dropped(sizes.dropout, stream: 1 + 3 * number + which, rowsPerSample: sizes.length)
    }
}
