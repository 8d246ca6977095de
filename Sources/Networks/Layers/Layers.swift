public import Graphs
import Tensors

/// Everything behind dimension 0 in one dimension: [N, C, H, W] → [N, C·H·W] (MindSpore's `nn.Flatten`).
public final class Flatten: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``Flatten``.
    public func construct(_ x: Symbol) -> Symbol {
        x.reshaped(to: [x.shape[0], x.shape.elementCount / x.shape[0]])
    }
}

/// max(x, 0) (MindSpore's `nn.ReLU`).
public final class ReLU: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``ReLU``.
    public func construct(_ x: Symbol) -> Symbol { x.relu() }
}

/// Cells one after the other; their parameters are named by their place: `0.weight` (MindSpore's
/// `nn.SequentialCell`).
public final class SequentialCell: Cell {
    /// The cells in order.
    public let cells: [any Cell]

    /// Makes a chain of cells.
    public convenience init(_ cells: any Cell...) { self.init(cells) }

    /// Makes a chain of as many cells as there are.
    public init(_ cells: [any Cell]) {
        self.cells = cells
    }

    /// See ``SequentialCell``.
    public func construct(_ x: Symbol) -> Symbol { cells.reduce(x) { $1($0) } }

    /// The cells, named "0", "1", ….
    public var members: [(name: String, value: Any)] {
        cells.enumerated().map { (String($0), $1) }
    }
}
