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

    /// How many states are handed from step to step: an LSTM has a cell state beside the hidden one.
    var stateCount: Int { self == .lstm ? 2 : 1 }
}

/// How a recurrent layer runs in one direction.
struct RecurrenceRule: CustomStringConvertible {
    let cell: RecurrentCell
    var isReversed = false
    /// Whether the states before the first step are given.
    var isStarted = false
    /// Whether sequences have lengths of their own.
    var hasLengths = false

    /// How many inputs say so.
    var givenCount: Int { (isStarted ? cell.stateCount : 0) + (hasLengths ? 1 : 0) }

    var description: String {
        cell.rawValue + (isReversed ? ", reversed" : "") + (isStarted ? ", started" : "")
            + (hasLengths ? ", of lengths" : "")
    }
}

/// The hidden states of a recurrent layer in one direction, [length, batch, size]: from x [length, batch, inputs], the weights of
/// inputs [gates · size, inputs] and of states [gates · size, size], and their biases [gates · size]. The first one follows the
/// hidden state, and of an LSTM the cell state, that are given behind these, [batch, size] each, or zeros. Behind a sequence's end, by
/// int32 lengths [batch] that are given last, its states stay as they are.
///
/// An LSTM has its last cell state [batch, size] as second result. Further results are what the gradient needs: of an LSTM the cell
/// states and the gates, of GRU the gates and the products of the hidden states. The weight of the states is packed once for all
/// steps.
struct Recurrence: Operation {
    let rule: RecurrenceRule

    var inputCount: Int? { 5 + rule.givenCount }

    var description: String { "\(name)(\(rule))" }

    func elementType(ofInput index: Int) -> ElementType? {
        rule.hasLengths && index == 4 + rule.givenCount ? .int32 : .float32
    }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let (x, weight) = (inputs[0].shape, inputs[2].shape)
        try demand(x.rank == 3 && !x.dimensions.contains(0), "needs [length, batch, inputs], not", inputs)
        try demand(weight.rank == 2, "needs a matrix as input 2, not", inputs)
        let (size, rows) = (weight[1], rule.cell.gateCount * weight[1])
        let wanted: [Shape] = [[rows, x[2]], [rows, size], [rows], [rows]]
        try demand(
            inputs[1..<5].map(\.shape) == wanted,
            "needs weights [\(rows), \(x[2])] and [\(rows), \(size)] and biases [\(rows)], not", inputs)
        let given = inputs.dropFirst(5)
        try demand(
            given.dropLast(rule.hasLengths ? 1 : 0).allSatisfy { $0.shape == [x[1], size] },
            "needs first states [\(x[1]), \(size)], not", inputs)
        try demand(!rule.hasLengths || given.last?.shape == [x[1]], "needs lengths [\(x[1])], not", inputs)
        let (state, gates) = (TensorType([x[0], x[1], size]), TensorType([x[0], x[1], rows]))
        return switch rule.cell {
        case .tanh, .relu: [state]
        case .gru: [state, gates, gates]
        case .lstm: [state, TensorType([x[1], size]), state, gates]
        }
    }

    func inputGradients(x: [Symbol], y: [Symbol], gradients: [Symbol?]) -> [Symbol?] {
        let trace = x[0].trace
        // All that a loss can depend on beside the hidden states.
        let ofLastCell = rule.cell == .lstm ? gradients[1] : nil
        let gradient = Gradient(rule: rule, hasLastCell: ofLastCell != nil)
        let g = gradients[0] ?? trace.constant(Tensor(zeros: y[0].shape))
        let results = trace.apply(
            gradient,
            to: [g, x[2], y[0]] + y.dropFirst(rule.cell.stateCount) + (ofLastCell.map { [$0] } ?? []) + x.dropFirst(5))
        let rows = x[0].shape[0] * x[0].shape[1]
        let gates = results[0].reshaped(to: [rows, x[2].shape[0]])
        return [
            gates.matrixMultiplied(by: x[1]).reshaped(to: x[0].shape),
            gates.matrixMultiplied(by: x[0].reshaped(to: [rows, x[0].shape[2]]), transposeA: true),
            results[1], gates.sum(toAxis: 1), results[2],
        ] + results.dropFirst(3) + (rule.hasLengths ? [nil] : [])
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let work = RecurrenceWork(operands, self)
        return switch rule.cell {
        case .tanh, .relu: work.plain
        case .gru: work.gru
        case .lstm: work.lstm
        }
    }

    func scratchCount(inputs: [Shape], results: [Shape]) -> Int {
        RecurrenceScratch.count(RecurrenceSizes(rule, states: results[0]), isBackward: false)
    }

    func operationCount(inputs: [Shape], results: [Shape]) -> Double? {
        let perRow = inputs[1].elementCount + inputs[2].elementCount
        return 2 * Double(inputs[0][0] * inputs[0][1]) * Double(perRow)
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        try mindSporeForms(&calls)[0]
    }

    /// MindSpore's own GRU and RNN are loops on a CPU.
    func mindSporeForms(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> [MindSporeValue] {
        guard rule.cell == .lstm && !rule.hasLengths else {
            throw NoMindSporeForm(
                "MindSpore has no operator for \(rule) cells on a CPU, only for an LSTM over sequences of one length")
        }
        let x = rule.isReversed ? calls.call(.reverseV2, calls.x[0], [0], giving: calls.x[0].type) : calls.x[0]
        let (batch, size) = (x.type.dimensions[1], calls.type.dimensions[2])
        let inputs = try calls.known([x.type.dimensions[2]])[0]
        let state = MindSporeType([1, batch, size])
        let starts = rule.isStarted ? givenStarts(&calls, state) : zeroStarts(&calls, x, state)
        let workspace = MindSporeType([1, 1])
        let parameters = weights(&calls)
        let results = calls.callForAll(
            .lstm, x, starts[0], starts[1], parameters,
            attributes: [
                "input_size": inputs, "hidden_size": size, "num_layers": 1, "has_bias": true, "bidirectional": false,
                "dropout": Float(0), "proj_size": 0,
            ], giving: [calls.type, state, state, workspace, workspace])
        let lastCell = calls.call(.squeeze, results[2], [0], giving: calls.types[1])
        return [rule.isReversed ? calls.call(.reverseV2, results[0], [0]) : results[0], lastCell]
    }

    private func givenStarts(_ calls: inout MindSporeCalls, _ state: MindSporeType) -> [MindSporeValue] {
        calls.x.dropFirst(5).map { calls.call(.expandDims, $0, 0, giving: state) }
    }

    /// Zeros of a batch size that may be open.
    private func zeroStarts(
        _ calls: inout MindSporeCalls, _ x: MindSporeValue, _ state: MindSporeType
    ) -> [MindSporeValue] {
        let nothing = calls.call(.muls, x, Float(0), giving: x.type)
        let column = calls.call(
            .reduceSum, nothing, [0, 2], true, false, giving: MindSporeType([1, state.dimensions[1], 1]))
        let start = calls.call(.mul, column, Tensor(zeros: [1, 1, state.dimensions[2]]), giving: state)
        return [start, start]
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
    static func recurrence(
        _ cell: RecurrentCell, isReversed: Bool = false, isStarted: Bool = false, hasLengths: Bool = false
    ) -> Self {
        Self(
            rule: RecurrenceRule(
                cell: cell, isReversed: isReversed, isStarted: isStarted, hasLengths: hasLengths))
    }
}
