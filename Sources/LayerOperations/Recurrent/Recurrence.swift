import Graphs
import Kernels
import LayerKernels
import Tensors

/// How a recurrent layer makes a hidden state of an input and the state before.
public enum RecurrentCell: String, Hashable, Sendable, CaseIterable {
    /// tanh or max(·, 0) of the sum of both products.
    case tanh, relu
    /// Gated recurrent units (Cho et al., 2014), the reset gate on the product as in cuDNN.
    case gru
    /// Long short-term memory (Hochreiter and Schmidhuber, 1997).
    case lstm

    /// How many products of an input's width there are for each hidden element.
    public var gateCount: Int {
        switch self {
        case .tanh, .relu: 1
        case .gru: 3
        case .lstm: 4
        }
    }
}

/// The hidden states of a recurrent layer in one direction, [length, batch, size], the first one following zeros: from x
/// [length, batch, inputs], the weights of inputs [gates · size, inputs] and of states [gates · size, size], and their biases
/// [gates · size].
///
/// Further results are what the gradient needs: of an LSTM the cell states and the gates, of GRU the gates and the products of
/// the hidden states. The weight of the states is packed once for all steps.
struct Recurrence: Operation {
    let cell: RecurrentCell
    let isReversed: Bool

    var inputCount: Int? { 5 }

    var description: String { "\(name)(\(cell.rawValue)\(isReversed ? ", reversed" : ""))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let (x, weight) = (inputs[0].shape, inputs[2].shape)
        try demand(x.rank == 3 && !x.dimensions.contains(0), "needs [length, batch, inputs], not", inputs)
        try demand(weight.rank == 2, "needs a matrix as input 2, not", inputs)
        let (size, rows) = (weight[1], cell.gateCount * weight[1])
        let wanted: [Shape] = [[rows, x[2]], [rows, size], [rows], [rows]]
        try demand(
            inputs.dropFirst().map(\.shape) == wanted,
            "needs weights [\(rows), \(x[2])] and [\(rows), \(size)] and biases [\(rows)], not", inputs)
        let (state, gates) = (TensorType([x[0], x[1], size]), TensorType([x[0], x[1], rows]))
        return switch cell {
        case .tanh, .relu: [state]
        case .gru: [state, gates, gates]
        case .lstm: [state, state, gates]
        }
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        let gradient = Gradient(cell: cell, isReversed: isReversed)
        let results = g.trace.apply(gradient, to: [g, x[2]] + y)
        let rows = x[0].shape[0] * x[0].shape[1]
        let gates = results[0].reshaped(to: [rows, x[2].shape[0]])
        return [
            gates.matrixMultiplied(by: x[1]).reshaped(to: x[0].shape),
            gates.matrixMultiplied(by: x[0].reshaped(to: [rows, x[0].shape[2]]), transposeA: true),
            results[1], gates.sum(toAxis: 1), results[2],
        ]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let work = RecurrenceWork(operands, self)
        return switch cell {
        case .tanh, .relu: work.plain
        case .gru: work.gru
        case .lstm: work.lstm
        }
    }

    func operationCount(inputs: [Shape], results: [Shape]) -> Double? {
        let perRow = inputs[1].elementCount + inputs[2].elementCount
        return 2 * Double(inputs[0][0] * inputs[0][1]) * Double(perRow)
    }

    /// MindSpore's own GRU and RNN are loops on a CPU.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        guard cell == .lstm else {
            throw NoMindSporeForm("MindSpore has no operator for \(cell.rawValue) cells on a CPU, only for LSTM")
        }
        let x = isReversed ? calls.call(.reverseV2, calls.x[0], [0], giving: calls.x[0].type) : calls.x[0]
        let (batch, size) = (x.type.dimensions[1], calls.type.dimensions[2])
        let inputs = try calls.known([x.type.dimensions[2]])[0]
        // Zeros of a batch size that may be open.
        let nothing = calls.call(.muls, x, Float(0), giving: x.type)
        let column = calls.call(.reduceSum, nothing, [0, 2], true, false, giving: MindSporeType([1, batch, 1]))
        let state = MindSporeType([1, batch, size])
        let start = calls.call(.mul, column, Tensor(zeros: [1, 1, size]), giving: state)
        let workspace = MindSporeType([1, 1])
        let parameters = weights(&calls)
        let result = calls.callForFirst(
            .lstm, x, start, start, parameters,
            attributes: [
                "input_size": inputs, "hidden_size": size, "num_layers": 1, "has_bias": true, "bidirectional": false,
                "dropout": Float(0), "proj_size": 0,
            ], giving: [calls.type, state, state, workspace, workspace])
        return isReversed ? calls.call(.reverseV2, result, [0]) : result
    }

    /// All weights and the sum of the biases, one behind the other.
    private func weights(_ calls: inout MindSporeCalls) -> MindSporeValue {
        let bias = calls.call(.add, calls.x[3], calls.x[4], giving: calls.x[3].type)
        let parts = [calls.x[1], calls.x[2], bias].map { part in
            let count = part.type.dimensions.reduce(1, *)
            return calls.call(.reshape, part, [-1, 1, 1], giving: MindSporeType([count, 1, 1]))
        }
        let count = parts.reduce(0) { $0 + $1.type.dimensions[0] }
        let all = calls.tuple(parts)
        return calls.call(.concat, all, 0, giving: MindSporeType([count, 1, 1]))
    }
}

extension Operation where Self == Recurrence {
    static func recurrence(_ cell: RecurrentCell, isReversed: Bool = false) -> Self {
        Self(cell: cell, isReversed: isReversed)
    }
}
