public import Graphs
import LayerOperations
import Memory
import Tensors

/// What ``RNN``, ``GRU`` and ``LSTM`` have alike: cells that run along sequences, in several layers and perhaps in both
/// directions, each direction of a layer seeing what both of the layer below say.
///
/// x is [length, batch, inputs], or [batch, length, inputs] if the batch comes first; so is the result, with the hidden states
/// of the last layer, both directions side by side, in the place of inputs. Sequences begin with states of zeros, or with those of
/// `hx`, [layers · directions, batch, hidden]: the directions of the first layer, then those of the next. With `seqLength`, int32
/// [batch], they end after so many steps each: the result is 0 behind, and the last states are those at the end.
public class RecurrentLayer: Cell {
    /// One direction of one layer.
    struct Direction {
        let name: String
        let inputWeight: Parameter
        let hiddenWeight: Parameter
        let inputBias: Parameter?
        let hiddenBias: Parameter?
    }

    private let cell: RecurrentCell
    private let inputs: Int
    private let hidden: Int
    private let batchFirst: Bool
    private let dropout: Float
    private let directionCount: Int

    /// The directions of the first layer, then those of the next.
    private let directions: [Direction]

    init(
        _ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, _ numLayers: Int, _ hasBias: Bool, _ batchFirst: Bool,
        _ dropout: Float, _ bidirectional: Bool
    ) {
        insist(
            inputs >= 1 && hidden >= 1 && numLayers >= 1,
            "a recurrent layer needs at least 1 input, hidden element and layer, not \(inputs), \(hidden) and \(numLayers)"
        )
        insist((0..<1).contains(dropout), "dropout is \(dropout); it must be from 0 to below 1")
        let directionCount = bidirectional ? 2 : 1
        (self.cell, self.inputs, self.hidden, self.directionCount) = (cell, inputs, hidden, directionCount)
        (self.batchFirst, self.dropout) = (batchFirst, dropout)
        directions = (0..<numLayers).flatMap { layer in
            (0..<directionCount).map { direction in
                Direction(
                    cell, layer == 0 ? inputs : directionCount * hidden, hidden, hasBias: hasBias,
                    name: "l\(layer)" + (direction == 1 ? "_reverse" : ""))
            }
        }
    }

    /// See ``RecurrentLayer``.
    public func construct(_ x: Symbol) -> Symbol { run(x, from: [], lengths: nil).output }

    /// Writes the layer as one of a network, with the states that it begins with and the lengths of sequences, if these are given,
    /// and the last states.
    func apply(to x: Symbol, from states: [Symbol], lengths: Symbol?) -> (output: Symbol, states: [Symbol]) {
        layer(in: x.trace) { run(x, from: states, lengths: lengths) }
    }

    /// The same of cells that have a hidden state alone.
    func apply(to x: Symbol, fromHidden hx: Symbol?, lengths: Symbol?) -> (output: Symbol, hxN: Symbol) {
        let (output, states) = apply(to: x, from: hx.map { [$0] } ?? [], lengths: lengths)
        return (output, states[0])
    }

    private func run(_ x: Symbol, from first: [Symbol], lengths: Symbol?) -> (output: Symbol, states: [Symbol]) {
        insist(
            x.shape.rank == 3 && x.shape[2] == inputs,
            "\(type(of: self)) needs \(batchFirst ? "[batch, length" : "[length, batch"), \(inputs)], not \(x.type)")
        var stream = batchFirst ? x.transposed([1, 0, 2]) : x
        let wanted = Shape([directions.count, stream.shape[1], hidden])
        for state in first {
            insist(
                state.shape == wanted,
                "\(type(of: self)) begins with states [layers · directions, batch, hidden], here \(wanted), not \(state.type)"
            )
        }
        var last: [[Symbol]] = []
        for layer in 0..<directions.count / directionCount {
            if layer > 0 { stream = dropped(stream) }
            let both = (0..<directionCount).map { direction in
                let place = layer * directionCount + direction
                let own = first.map { state in
                    state.sliced(along: 0, from: place, count: 1).reshaped(to: [wanted[1], hidden])
                }
                let result = directions[place].run(
                    cell, stream, from: own, lengths: lengths, isReversed: direction == 1)
                last.append(result.last)
                return result.hidden
            }
            stream = both.count == 1 ? both[0] : both[0].joiningRows(with: both[1])
        }
        if let lengths { stream = stream * mask(of: lengths, steps: stream.shape[0]) }
        let states = last[0].indices.map { kind in Symbol.stacked(last.map { $0[kind] }) }
        return (batchFirst ? stream.transposed([1, 0, 2]) : stream, states)
    }

    /// [steps, batch, 1]: 1 within sequences, 0 behind their ends.
    private func mask(of lengths: Symbol, steps: Int) -> Symbol {
        let ends = lengths.oneHot(classes: steps + 1).cumulativeSum(axis: 1).sliced(along: 1, from: 0, count: steps)
        return (-ends + 1).transposed([1, 0]).reshaped(to: [steps, lengths.shape[0], 1])
    }

    /// What is dropped belongs to samples, which are rows for that.
    private func dropped(_ states: Symbol) -> Symbol {
        guard dropout > 0, states.trace.isTraining else { return states }
        return Dropout(p: dropout).construct(states.transposed([1, 0, 2])).transposed([1, 0, 2])
    }

    /// The parameters, under MindSpore's names: `weight_ih_l0`, `weight_hh_l0_reverse`, `bias_ih_l1`.
    public var members: [(name: String, value: Any)] { directions.flatMap(\.members) }
}

extension RecurrentLayer.Direction {
    /// Parameters begin uniform within 1/√hidden.
    init(_ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, hasBias: Bool, name: String) {
        let (rows, initializer) = (cell.gateCount * hidden, Initializer.heUniform(fanIn: hidden))
        self.name = name
        inputWeight = Parameter(shape: [rows, inputs], initializer: initializer)
        hiddenWeight = Parameter(shape: [rows, hidden], initializer: initializer)
        inputBias = hasBias ? Parameter(shape: [rows], initializer: initializer) : nil
        hiddenBias = hasBias ? Parameter(shape: [rows], initializer: initializer) : nil
    }

    func run(
        _ cell: RecurrentCell, _ x: Symbol, from states: [Symbol], lengths: Symbol?, isReversed: Bool
    ) -> (hidden: Symbol, last: [Symbol]) {
        let trace = x.trace
        func symbol(_ bias: Parameter?) -> Symbol {
            bias.map { trace.symbol(for: $0) } ?? trace.constant(Tensor(zeros: [hiddenWeight.shape[0]]))
        }
        return x.recurrent(
            cell, inputWeight: trace.symbol(for: inputWeight), hiddenWeight: trace.symbol(for: hiddenWeight),
            inputBias: symbol(inputBias), hiddenBias: symbol(hiddenBias), from: states, lengths: lengths,
            isReversed: isReversed)
    }

    var members: [(name: String, value: Any)] {
        let weights: [(name: String, value: Any)] = [
            ("weight_ih_\(name)", inputWeight), ("weight_hh_\(name)", hiddenWeight),
        ]
        guard let inputBias, let hiddenBias else { return weights }
        return weights + [("bias_ih_\(name)", inputBias), ("bias_hh_\(name)", hiddenBias)]
    }
}
