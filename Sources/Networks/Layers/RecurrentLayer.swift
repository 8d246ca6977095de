public import Graphs
import LayerOperations
import Memory
import Tensors

/// What ``RNN``, ``GRU`` and ``LSTM`` have alike: cells that run along sequences, in several layers and perhaps in both
/// directions, each direction of a layer seeing what both of the layer below say.
///
/// x is [length, batch, inputs], or [batch, length, inputs] if the batch comes first; so is the result, with the hidden states
/// of the last layer, both directions side by side, in the place of inputs. Sequences begin with states of zeros.
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
    private let batchFirst: Bool
    private let dropout: Float
    private let directionCount: Int

    /// The directions of the first layer, then those of the next.
    private let directions: [Direction]

    init(_ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, _ options: RecurrentOptions) {
        insist(
            inputs >= 1 && hidden >= 1 && options.numLayers >= 1,
            "a recurrent layer needs at least 1 input, hidden element and layer, not \(inputs), \(hidden) and "
                + "\(options.numLayers)")
        insist((0..<1).contains(options.dropout), "dropout is \(options.dropout); it must be from 0 to below 1")
        let directionCount = options.bidirectional ? 2 : 1
        (self.cell, self.inputs, self.directionCount) = (cell, inputs, directionCount)
        batchFirst = options.batchFirst
        dropout = options.dropout
        directions = (0..<options.numLayers).flatMap { layer in
            (0..<directionCount).map { direction in
                Direction(
                    cell, layer == 0 ? inputs : directionCount * hidden, hidden, hasBias: options.hasBias,
                    name: "l\(layer)" + (direction == 1 ? "_reverse" : ""))
            }
        }
    }

    /// See ``RecurrentLayer``.
    public func construct(_ x: Symbol) -> Symbol {
        insist(
            x.shape.rank == 3 && x.shape[2] == inputs,
            "\(type(of: self)) needs \(batchFirst ? "[batch, length" : "[length, batch"), \(inputs)], not \(x.type)")
        var states = batchFirst ? x.transposed([1, 0, 2]) : x
        let layers = directions.count / directionCount
        for layer in 0..<layers {
            if layer > 0 { states = dropped(states) }
            let both = (0..<directionCount).map { direction in
                directions[layer * directionCount + direction].run(cell, states, isReversed: direction == 1)
            }
            states = both.count == 1 ? both[0] : both[0].joiningRows(with: both[1])
        }
        return batchFirst ? states.transposed([1, 0, 2]) : states
    }

    /// What is dropped belongs to samples, which are rows for that.
    private func dropped(_ states: Symbol) -> Symbol {
        guard dropout > 0, states.trace.isTraining else { return states }
        return Dropout(p: dropout).construct(states.transposed([1, 0, 2])).transposed([1, 0, 2])
    }

    /// The parameters, under MindSpore's names: `weight_ih_l0`, `weight_hh_l0_reverse`, `bias_ih_l1`.
    public var members: [(name: String, value: Any)] { directions.flatMap(\.members) }
}

/// The settings that all recurrent layers have, with MindSpore's defaults.
struct RecurrentOptions {
    let numLayers: Int
    let hasBias: Bool
    let batchFirst: Bool
    let dropout: Float
    let bidirectional: Bool
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

    func run(_ cell: RecurrentCell, _ x: Symbol, isReversed: Bool) -> Symbol {
        let trace = x.trace
        func symbol(_ bias: Parameter?) -> Symbol {
            bias.map { trace.symbol(for: $0) } ?? trace.constant(Tensor(zeros: [hiddenWeight.shape[0]]))
        }
        return x.recurrent(
            cell, inputWeight: trace.symbol(for: inputWeight), hiddenWeight: trace.symbol(for: hiddenWeight),
            inputBias: symbol(inputBias), hiddenBias: symbol(hiddenBias), isReversed: isReversed)
    }

    var members: [(name: String, value: Any)] {
        let weights: [(name: String, value: Any)] = [
            ("weight_ih_\(name)", inputWeight), ("weight_hh_\(name)", hiddenWeight),
        ]
        guard let inputBias, let hiddenBias else { return weights }
        return weights + [("bias_ih_\(name)", inputBias), ("bias_hh_\(name)", hiddenBias)]
    }
}
