public import Graphs
import Memory
import Tensors

/// A language model: predicts each token of a sample from those before it (Radford et al., "GPT-2", 2019).
///
/// Pre-norm blocks, learned positions, GELU. Tokens are int32 [samples, length]; the result is the logits
/// [samples · length, vocabulary], of which each of the `tp` ranks has its columns.
public final class GPT: Cell {
    /// The sizes.
    public let sizes: GPTSizes

    let tokens: VocabularyParallelEmbedding
    let positions: Parameter
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
        positions = Parameter(shape: [sizes.length, sizes.width], initializer: .normal(deviation: 0.02))
        blocks = (0..<sizes.layers).map { GPTBlock(sizes, number: $0, placement: placement) }
        norm = LayerNorm(sizes.width)
        head = sizes.tiesHead ? nil : embedding()
    }

    /// See ``GPT``.
    public func construct(_ x: Symbol) -> Symbol {
        let trace = x.trace
        let samples = x.shape[0]
        let length = x.shape[1]
        // Adding one row of positions to each sample is adding a bias to samples seen as rows.
        let places = trace.symbol(for: positions)
            .reshaped(to: [sizes.length * sizes.width])
        insist(length == sizes.length, "a sample of \(length) tokens is none of \(sizes.length)")
        let embedded = tokens(x).reshaped(to: [samples, length * sizes.width]).addingBias(places, axis: 1)
            .reshaped(to: [samples * length, sizes.width])
        let dropout = sizes.dropout(of: trace, stream: 0)
        let stream = blocks.reduce(embedded.dropped(dropout)) { $1($0) }
        return trace.scope("head") { (head ?? tokens).logits(of: norm(stream)) }
    }

    /// The parts, under the names of the parameters in checkpoints.
    public var members: [(name: String, value: Any)] {
        [("tokens", tokens), ("position_table", positions)]
            + blocks.enumerated().map { ("blocks.\($0)", $1) } + [("norm", norm)]
            + (head.map { [("head", $0)] } ?? [])
    }
}

/// One block: attention and a feed-forward network, each on the normalised stream and added to it.
final class GPTBlock: Cell {
    let norm1: LayerNorm
    let projection: ColumnParallelDense
    let output: RowParallelDense
    let norm2: LayerNorm
    let widen: ColumnParallelDense
    let narrow: RowParallelDense
    private let sizes: GPTSizes
    private let number: Int
    private let heads: Int
    private let firstHead: Int

    init(_ sizes: GPTSizes, number: Int, placement: Placement) {
        self.sizes = sizes
        self.number = number
        heads = sizes.heads / placement.tensorParts
        firstHead = heads * placement.tensorPart
        let width = sizes.width
        // Small enough for pre-norm blocks, and following the width (Nguyen and Salazar, "Transformers without Tears",
        // 2019): the default recipe ends at 2.39 bits per byte with it, and at 2.45 with GPT-2's 0.02 at every width.
        let deviation = (2 / Float(5 * width)).squareRoot()
        // Each block adds twice to the stream; smaller beginnings keep its deviation from growing with their number.
        let last = deviation / Float(2 * sizes.layers).squareRoot()
        norm1 = LayerNorm(width)
        // For each head the rows of its query, key and value lie together, so that a rank's part is that of its heads.
        projection = ColumnParallelDense(width, 3 * width, deviation: deviation, placement: placement)
        output = RowParallelDense(width, width, deviation: last, placement: placement)
        norm2 = LayerNorm(width)
        widen = ColumnParallelDense(width, 4 * width, deviation: deviation, placement: placement)
        narrow = RowParallelDense(4 * width, width, deviation: last, placement: placement)
    }

    func construct(_ x: Symbol) -> Symbol {
        let attended = output(projection(norm1(x)).attended(attention(in: x.trace)))
        let stream = x + attended.dropped(dropout(1, in: x.trace))
        let fed = narrow(widen(norm2(stream)).gelu())
        return stream + fed.dropped(dropout(2, in: x.trace))
    }

    private func attention(in trace: Trace) -> Attention {
        var dropout = dropout(0, in: trace)
        dropout.firstColumn = firstHead
        dropout.columns = sizes.heads
        return Attention(heads: heads, length: sizes.length, dropout: dropout)
    }

    private func dropout(_ which: Int, in trace: Trace) -> Dropout {
        sizes.dropout(of: trace, stream: 1 + 3 * number + which)
    }
}

extension GPTSizes {
    /// The dropout number `stream` of a network, over the width of the stream.
    func dropout(of trace: Trace, stream: Int) -> Dropout {
        Dropout(
            rate: dropout, seed: trace.place?.seed ?? 0, stream: UInt64(stream), columns: width, rowsPerSample: length)
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
