public import Graphs
import LayerOperations
import Memory
public import Networks
import Tensors

/// A language model: predicts each token of a sample from those before it (Radford et al., "GPT-2", 2019).
///
/// Pre-norm blocks, learned positions, GELU. Tokens are int32 [samples, length]; the result is the logits
/// [samples · length, vocabulary], of which each of the `tp` ranks has its columns.
public final class GPT: Cell {
    /// The sizes.
    public let sizes: GPTSizes

    let tokens: VocabularyParallelEmbedding
    let positions: PositionEmbedding
    let blocks: [GPTBlock]
    let norm: LayerNorm
    let head: VocabularyParallelEmbedding?

    /// Makes a network, or this rank's part of one.
    public init(_ sizes: GPTSizes, placement: Placement = .whole) {
        if let problem = sizes.problem(over: placement.tensorParts) { misuse(problem) }
        self.sizes = sizes
        let embedding = {
            VocabularyParallelEmbedding(sizes.vocabulary, sizes.width, deviation: 0.02, placement: placement)
        }
        tokens = embedding()
        positions = PositionEmbedding(sizes.length, sizes.width)
        blocks = (0..<sizes.layers).map { GPTBlock(sizes, number: $0, placement: placement) }
        norm = LayerNorm(sizes.width)
        head = sizes.tiesHead ? nil : embedding()
    }

    /// See ``GPT``.
    public func construct(_ x: Symbol) -> Symbol {
        let places = positions.row(in: x.trace)
        insist(x.shape[1] == sizes.length, "a sample of \(x.shape[1]) tokens is none of \(sizes.length)")
        let embedded = positions.add(places, to: tokens(x))
            .dropped(sizes.dropout, stream: 0, rowsPerSample: sizes.length)
        let stream = blocks.reduce(embedded) { $1($0) }
        return x.trace.scope("head") { (head ?? tokens).logits(of: norm(stream)) }
    }

    /// The parts, under the names of the parameters in checkpoints.
    public var members: [(name: String, value: Any)] {
        [("", positions), ("tokens", tokens)]
            + blocks.enumerated().map { ("blocks.\($0)", $1) } + [("norm", norm)]
            + (head.map { [("head", $0)] } ?? [])
    }
}

/// The mean cross-entropy of a ``GPT``'s logits, also where `tp` ranks share their columns.
public final class GPTLoss: Loss {
    private let placement: Placement

    /// Makes a loss for networks of the same placement.
    public init(placement: Placement = .whole) {
        self.placement = placement
    }

    /// The mean over all tokens of the samples; labels are int32 [samples, length].
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        let labels = labels.reshaped(to: [labels.shape.elementCount])
        guard placement.tensorParts > 1 else { return logits.sparseCrossEntropy(labels: labels).mean() }
        return logits.shardedCrossEntropy(
            labels: labels, first: placement.tensorPart * logits.shape[1], group: Placement.tensorAxis
        ).mean()
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension GPT: PartitionedCell {
    public func whole() -> any Cell { GPT(sizes) }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension GPTLoss: PartitionedLoss {
    public func whole() -> any Loss { GPTLoss() }
}
