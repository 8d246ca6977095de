public import Graphs
import Memory

/// A network, or a piece of one, with several outputs, and as many inputs as it says; for several inputs and one output a
/// ``MultiInputCell`` is enough.
///
/// ```swift
/// final class Matching: BranchedCell {
///     let inputCount = 2
///     let users = Embedding(1000, 32), films = Embedding(500, 32)
///
///     let ratings = Dense(32, 1), genres = Dense(32, 18)
///
///     func construct(_ inputs: [Symbol]) -> [Symbol] {
///         let match = users(inputs[0]) * films(inputs[1])
///         return [ratings(match), genres(match)]
///     }
/// }
/// ```
///
/// As a network it takes the first ``inputCount`` columns of the samples; the others are labels. All outputs and labels go to
/// ``Loss/construct(_:_:)-([Symbol],[Symbol])``; metrics see the first of each, and ``EvaluationOutputs`` has the others too.
public protocol BranchedCell: Cell {
    /// How many inputs it takes.
    var inputCount: Int { get }

    /// Writes what the cell does to its inputs into their graph.
    func construct(_ inputs: [Symbol]) -> [Symbol]
}

extension BranchedCell {
    /// One.
    public var inputCount: Int { 1 }

    /// The first output for one input.
    public func construct(_ x: Symbol) -> Symbol { checkedOutputs(for: [x])[0] }

    /// Applies the cell; its nodes carry its type as their scope.
    public func callAsFunction(_ inputs: [Symbol]) -> [Symbol] {
        insist(!inputs.isEmpty, "\(type(of: self)) is given no input")
        return layer(in: inputs[0].trace) { checkedOutputs(for: inputs) }
    }

    private func checkedOutputs(for inputs: [Symbol]) -> [Symbol] {
        insist(
            inputs.count == inputCount,
            "\(type(of: self)) takes \(inputCount) inputs by its inputCount, not \(inputs.count)")
        let outputs = construct(inputs)
        insist(!outputs.isEmpty, "\(type(of: self)) gives no output")
        return outputs
    }
}

extension Cell {
    /// How many inputs it takes as a network: the first of so many columns of the samples.
    package func inputCount(ofColumns count: Int) -> Int {
        (self as? any BranchedCell)?.inputCount ?? max(count - 1, 1)
    }

    /// Applies it as a network, with all its outputs.
    package func outputs(for inputs: [Symbol]) -> [Symbol] {
        (self as? any BranchedCell)?(inputs) ?? [apply(to: inputs)]
    }
}
