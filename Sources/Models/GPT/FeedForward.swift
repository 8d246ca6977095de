public import Graphs
import LayerOperations
public import Networks

/// Two fully connected layers with GELU between them, for each token by itself (Vaswani et al., 2017).
///
/// x and the result are [rows, width]; of the `tp` ranks each computes its share of the hidden elements. Its parameters are
/// `widen.weight` [hidden, width], `widen.bias`, `narrow.weight` [width, hidden] and `narrow.bias`.
public final class FeedForward: Cell {
    let widen: ColumnParallelDense
    let narrow: RowParallelDense

    /// Makes layers of `hidden` elements, four times the width by default. First values have the deviation `deviation`,
    /// √(2 / 5·width) by default, and those of the second layer `outputDeviation`, by default the same.
    public init(
        _ width: Int, hidden: Int? = nil, deviation: Float? = nil, outputDeviation: Float? = nil,
        placement: Placement = .whole
    ) {
        let hidden = hidden ?? 4 * width
        let deviation = deviation ?? Float.smallDeviation(ofWidth: width)
        widen = ColumnParallelDense(width, hidden, deviation: deviation, placement: placement)
        narrow = RowParallelDense(hidden, width, deviation: outputDeviation ?? deviation, placement: placement)
    }

    /// See ``FeedForward``.
    public func construct(_ x: Symbol) -> Symbol { narrow(widen(x).gelu()) }
}
