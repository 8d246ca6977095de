public import Graphs
import Memory
public import Networks
import Tensors

/// Adds to each token of a sample what is learned for its place (Radford et al., "GPT-2", 2019).
///
/// x and the result are [samples · length, width].
public final class PositionEmbedding: Cell {
    /// [length, width]
    public let table: Parameter

    /// Makes a table for samples of `length` tokens; it begins normal.
    public init(_ length: Int, _ width: Int, deviation: Float = 0.02) {
        table = Parameter(shape: [length, width], initializer: .normal(deviation: deviation))
    }

    /// See ``PositionEmbedding``.
    public func construct(_ x: Symbol) -> Symbol { add(row(in: x.trace), to: x) }

    /// The table, under the name that it has in a GPT's checkpoints.
    public var members: [(name: String, value: Any)] { [("position_table", table)] }

    /// The table as one row.
    func row(in trace: Trace) -> Symbol {
        trace.symbol(for: table).reshaped(to: [table.shape.elementCount])
    }

    /// Adding one row of positions to each sample is adding a bias to samples seen as rows.
    func add(_ row: Symbol, to x: Symbol) -> Symbol {
        let (length, width) = (table.shape[0], table.shape[1])
        insist(
            x.shape.rank == 2 && x.shape[1] == width && x.shape[0] % length == 0,
            "a table of \(length) positions of width \(width) cannot be added to \(x.type)")
        return x.reshaped(to: [x.shape[0] / length, length * width]).addingBias(row, axis: 1).reshaped(to: x.shape)
    }
}
