public import Graphs
import LayerOperations
import Layouts
import Memory
import Tensors

/// A fully connected layer whose outputs are shared among the `tp` ranks (Shoeybi et al., "Megatron-LM", 2019).
///
/// x is [rows, inputs] on every rank; y is [rows, outputs / tp], this rank's columns of the whole. On one rank it is a
/// ``Dense``.
public final class ColumnParallelDense: Cell {
    /// [outputs / tp, inputs] of [outputs, inputs]
    public let weight: Parameter

    /// [outputs / tp] of [outputs]
    public let bias: Parameter

    private let isSplit: Bool

    /// Makes a layer; the weight begins normal, the bias zero.
    public init(_ inputs: Int, _ outputs: Int, deviation: Float, placement: Placement = .whole) {
        weight = placement.parameter([outputs, inputs], split: 0, initializer: .normal(deviation: deviation))
        bias = placement.parameter([outputs], split: 0, initializer: .zeros)
        isSplit = placement.tensorParts > 1
    }

    /// See ``ColumnParallelDense``.
    public func construct(_ x: Symbol) -> Symbol {
        let input = isSplit ? x.replicated(over: Placement.tensorAxis) : x
        return input.matrixMultiplied(by: x.trace.symbol(for: weight), transposeB: true)
            .addingBias(x.trace.symbol(for: bias), axis: 1)
    }
}

/// A fully connected layer whose inputs are shared among the `tp` ranks, as a ``ColumnParallelDense`` leaves them.
///
/// x is [rows, inputs / tp]; y is [rows, outputs] on every rank.
public final class RowParallelDense: Cell {
    /// [outputs, inputs / tp] of [outputs, inputs]
    public let weight: Parameter

    /// [outputs], whole on every rank.
    public let bias: Parameter

    private let isSplit: Bool

    /// Makes a layer; the weight begins normal, the bias zero.
    public init(_ inputs: Int, _ outputs: Int, deviation: Float, placement: Placement = .whole) {
        weight = placement.parameter([outputs, inputs], split: 1, initializer: .normal(deviation: deviation))
        bias = placement.parameter([outputs], split: nil, initializer: .zeros)
        isSplit = placement.tensorParts > 1
    }

    /// See ``RowParallelDense``.
    public func construct(_ x: Symbol) -> Symbol {
        let part = x.matrixMultiplied(by: x.trace.symbol(for: weight), transposeB: true)
        let whole = isSplit ? part.summed(over: Placement.tensorAxis) : part
        return whole.addingBias(x.trace.symbol(for: bias), axis: 1)
    }
}

/// A table of rows by number, whose rows are shared among the `tp` ranks (MindSpore's `nn.Embedding`).
///
/// Numbers are int32 of any shape; the result is [how many, width] on every rank.
public final class VocabularyParallelEmbedding: Cell {
    /// [rows / tp, width] of [rows, width]
    public let table: Parameter

    /// The number of this rank's first row.
    public let firstRow: Int

    private let isSplit: Bool

    /// Makes a table that begins normal.
    public init(_ rows: Int, _ width: Int, deviation: Float, placement: Placement = .whole) {
        table = placement.parameter([rows, width], split: 0, initializer: .normal(deviation: deviation))
        firstRow = placement.tensorPart * (rows / placement.tensorParts)
        isSplit = placement.tensorParts > 1
    }

    /// The rows of the table that `x` numbers.
    public func construct(_ x: Symbol) -> Symbol {
        let own = x.trace.symbol(for: table).gatheringRows(x, first: firstRow)
        return isSplit ? own.summed(over: Placement.tensorAxis) : own
    }

    /// The product of x [rows, width] with each row of the table: this rank's columns of the logits.
    public func logits(of x: Symbol) -> Symbol {
        let input = isSplit ? x.replicated(over: Placement.tensorAxis) : x
        return input.matrixMultiplied(by: x.trace.symbol(for: table), transposeB: true)
    }

    /// The table, under MindSpore's name.
    public var members: [(name: String, value: Any)] { [("embedding_table", table)] }
}

extension Placement {
    /// This rank's part of a parameter of shape `whole` that is split among the `tp` ranks along a dimension, or nowhere.
    func parameter(_ whole: Shape, split dimension: Int?, initializer: Initializer) -> Parameter {
        guard let dimension, tensorParts > 1 else { return Parameter(shape: whole, initializer: initializer) }
        do {
            let layout = try mesh.replicated(dimensionCount: whole.rank).splitting(dimension, by: Self.tensorAxis)
            return Parameter(try TensorSharding(of: whole.dimensions, layout), rank: rank, initializer: initializer)
        } catch {
            misuse("\(error)")
        }
    }
}
