public import Graphs
import Memory

/// A network of several inputs: the columns of a dataset but the last, which is the label.
///
/// ```swift
/// final class Scorer: MultiInputCell {
///     let users = Dense(16, 8)
///     let items = Dense(32, 8)
///
///     func construct(_ inputs: [Symbol]) -> Symbol { users(inputs[0]) * items(inputs[1]) }
/// }
/// ```
public protocol MultiInputCell: Cell {
    /// Writes what the network does to its inputs into the graph that they belong to.
    func construct(_ inputs: [Symbol]) -> Symbol
}

extension MultiInputCell {
    /// The network applied to one input alone.
    public func construct(_ x: Symbol) -> Symbol { construct([x]) }

    /// Applies the network; its nodes carry its type as their scope.
    public func callAsFunction(_ inputs: [Symbol]) -> Symbol {
        insist(!inputs.isEmpty, "\(type(of: self)) is applied to no input")
        return layer(in: inputs[0].trace) { construct(inputs) }
    }
}

extension Cell {
    /// Applies a network to as many inputs as there are.
    package func apply(to inputs: [Symbol]) -> Symbol {
        if inputs.count == 1 { return self(inputs[0]) }
        guard let network = self as? any MultiInputCell else {
            misuse(
                "\(type(of: self)) takes 1 input, and the samples have \(inputs.count) beside the label; a MultiInputCell takes "
                    + "several")
        }
        return network(inputs)
    }
}
