public import Graphs
import LayerOperations
import Tensors

/// A table of rows by number (MindSpore's `nn.Embedding`).
///
/// Numbers are int32 of any shape; the result is [how many, width]. ``VocabularyParallelEmbedding`` shares the rows among
/// ranks.
public final class Embedding: Cell {
    /// [rows, width]
    public let table: Parameter

    /// Makes a table that begins normal.
    public init(_ rows: Int, _ width: Int, deviation: Float = 0.02) {
        table = Parameter(shape: [rows, width], initializer: .normal(deviation: deviation))
    }

    /// See ``Embedding``.
    public func construct(_ x: Symbol) -> Symbol { x.trace.symbol(for: table).gatheringRows(x) }

    /// The table, under MindSpore's name.
    public var members: [(name: String, value: Any)] { [("embedding_table", table)] }
}
