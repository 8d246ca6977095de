public import Graphs
import Memory
public import Networks
import Tensors

/// Fully connected layers with ReLU between them, for rows of numbers or for images made rows.
///
/// Its parameters are `layers.0.weight`, `layers.0.bias`, ….
public final class MLP: Cell {
    let layers: [Dense]
    private let dropout: Float

    /// Makes layers of these sizes: inputs, hidden ones, outputs.
    ///
    /// - Parameter dropout: The share of each hidden layer's elements that are dropped in training.
    public init(_ sizes: [Int], dropout: Float = 0) {
        insist(sizes.count >= 2, "an MLP has sizes of inputs and outputs at least, not \(sizes)")
        layers = zip(sizes, sizes.dropFirst()).map { Dense($0, $1) }
        self.dropout = dropout
    }

    /// [rows, …] → [rows, outputs].
    public func construct(_ x: Symbol) -> Symbol {
        var stream = x.reshaped(to: [x.shape[0], x.shape.elementCount / max(x.shape[0], 1)])
        for (number, layer) in layers.enumerated() {
            stream = layer(stream)
            if number < layers.count - 1 { stream = stream.relu().dropped(dropout, stream: number) }
        }
        return stream
    }
}
