public import Graphs
import Tensors

/// The maximum over windows of [N, C, H, W] (MindSpore's `nn.MaxPool2d`).
public final class MaxPool2d: Cell {
    /// Window, stride and padding.
    public let pooling: Pooling

    /// Makes a layer; MindSpore's `pad_mode` "valid".
    public init(kernelSize: Int = 1, stride: Int = 1) {
        pooling = Pooling(kernel: [kernelSize, kernelSize], stride: [stride, stride])
    }

    /// See ``MaxPool2d``.
    public func construct(_ x: Symbol) -> Symbol { x.maxPooled(pooling) }
}

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
    public init(_ cells: any Cell...) {
        self.cells = cells
    }

    /// See ``SequentialCell``.
    public func construct(_ x: Symbol) -> Symbol { cells.reduce(x) { $1($0) } }

    /// The cells, named "0", "1", ….
    public var members: [(name: String, value: Any)] {
        cells.enumerated().map { (String($0), $1) }
    }
}
