public import Graphs
import LayerOperations
import Memory
public import Networks
import Tensors

/// Attention of each token of a sample to itself and those before it, over several heads, between two fully connected layers
/// (Vaswani et al., "Attention Is All You Need", 2017).
///
/// x and the result are [samples · length, width]; of the `tp` ranks each computes its heads. Its parameters are
/// `projection.weight` [3 · width, width], in which the rows of a head's query, key and value lie together,
/// `projection.bias`, `output.weight` [width, width] and `output.bias`.
public final class CausalSelfAttention: Cell {
    let projection: ColumnParallelDense
    let output: RowParallelDense
    private let dropout: (rate: Float, stream: Int)
    private let heads: Int
    private let length: Int
    private let parts: (count: Int, index: Int)

    /// Makes a layer for samples of `length` tokens.
    ///
    /// - Parameters:
    ///   - dropout: The share of the attention's weights that are dropped in training.
    ///   - stream: What tells its dropout from the others of the network.
    ///   - deviation: That of the projection's first values; by default √(2 / 5·width).
    ///   - outputDeviation: That of the output's; by default the same.
    public init(
        _ width: Int, heads: Int, length: Int, dropout: Float = 0, stream: Int = 0,
        deviation: Float? = nil, outputDeviation: Float? = nil, placement: Placement = .whole
    ) {
        insist(
            heads >= 1 && width % heads == 0 && heads % placement.tensorParts == 0,
            "\(heads) heads cannot share a width of \(width) on \(placement.tensorParts) ranks: the width must be a multiple of "
                + "the heads, and they of the ranks")
        let deviation = deviation ?? Float.smallDeviation(ofWidth: width)
        projection = ColumnParallelDense(width, 3 * width, deviation: deviation, placement: placement)
        output = RowParallelDense(width, width, deviation: outputDeviation ?? deviation, placement: placement)
        self.dropout = (dropout, stream)
        self.heads = heads
        self.length = length
        parts = (placement.tensorParts, placement.tensorPart)
    }

    /// See ``CausalSelfAttention``.
    public func construct(_ x: Symbol) -> Symbol {
        let own = heads / parts.count
        let mask = DropoutSettings(
            rate: dropout.rate, seed: x.trace.cursor?.seed ?? 0, stream: UInt64(dropout.stream),
            firstColumn: own * parts.index, columns: heads, rowsPerSample: length)
        return output(projection(x).attended(Attention(heads: own, length: length, dropout: mask)))
    }
}
