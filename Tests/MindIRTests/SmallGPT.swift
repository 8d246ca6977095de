import Graphs
import Models
import Networks
import Tensors

/// A small GPT with first values, and its graphs.
struct SmallGPT {
    let network: GPT

    init(tiesHead: Bool = true) {
        network = GPT(
            GPTSizes(layers: 2, width: 24, heads: 3, length: 12, vocabulary: 40, dropout: 0.1, tiesHead: tiesHead))
        for parameter in network.parameters { parameter.initialize(seed: 3) }
    }

    /// Tokens to logits.
    func graph(rows: Int) -> Graph {
        let trace = Trace()
        return trace.finish(outputs: [network(tokens(rows, in: trace))])
    }

    /// Tokens and the tokens behind them to the mean loss.
    func lossGraph(rows: Int) -> Graph {
        let trace = Trace()
        let logits = network(tokens(rows, in: trace))
        let labels = trace.input("next", TensorType([rows, 12], .int32))
        return trace.finish(outputs: [GPTLoss().construct(logits, labels)])
    }

    private func tokens(_ rows: Int, in trace: Trace) -> Symbol {
        trace.input("tokens", TensorType([rows, 12], .int32))
    }

    /// Texts and what follows each token in them.
    static func samples(_ rows: Int) -> [Tensor] {
        let text = (0...12 * rows).map { Int32($0 * $0 % 40) }
        return [0, 1].map { Tensor(Array(text[$0..<$0 + 12 * rows]), shape: [rows, 12]) }
    }
}
