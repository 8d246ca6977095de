import Graphs
import Memory
import Tensors

/// What makes queries, keys and values in ``MultiheadAttention``: one weight for the three, or one for each where sizes differ.
final class AttentionProjection {
    private let weights: [Parameter]
    private let bias: Parameter?
    private let outputs: [Int]

    /// Makes weights that begin uniform after Glorot and Bengio (2010), and a bias of zeros.
    init(inputs: [Int], outputs: [Int], hasBias: Bool) {
        func weight(_ outputs: Int, _ inputs: Int) -> Parameter {
            Parameter(
                shape: [outputs, inputs],
                initializer: .uniform(bound: (6 / Float(max(inputs + outputs, 1))).squareRoot()))
        }
        let isOne = Set(inputs).count == 1 && Set(outputs).count == 1
        weights = isOne ? [weight(3 * outputs[0], inputs[0])] : zip(outputs, inputs).map(weight)
        bias = hasBias ? Parameter(shape: [outputs.reduce(0, +)], initializer: .zeros) : nil
        self.outputs = outputs
    }

    /// The parameters, under MindSpore's names.
    var members: [(name: String, value: Any)] {
        let names = weights.count == 1 ? ["in_proj_weight"] : ["q_proj_weight", "k_proj_weight", "v_proj_weight"]
        let all = zip(names, weights).map { (name: $0, value: $1 as Any) }
        return all + (bias.map { [(name: "in_proj_bias", value: $0 as Any)] } ?? [])
    }

    /// Queries (0), keys (1) or values (2) of tokens [samples, length, width].
    func callAsFunction(_ x: Symbol, _ which: Int) -> Symbol {
        let trace = x.trace
        let first = outputs[..<which].reduce(0, +)
        let weight =
            weights.count == 1
            ? trace.symbol(for: weights[0]).sliced(along: 0, from: first, count: outputs[which])
            : trace.symbol(for: weights[which])
        let rows = x.reshaped(to: [x.shape[0] * x.shape[1], x.shape[2]]).matrixMultiplied(by: weight, transposeB: true)
        let result = bias.map { bias in
            rows.addingBias(trace.symbol(for: bias).sliced(along: 0, from: first, count: outputs[which]), axis: 1)
        }
        return (result ?? rows).reshaped(to: [x.shape[0], x.shape[1], outputs[which]])
    }
}
