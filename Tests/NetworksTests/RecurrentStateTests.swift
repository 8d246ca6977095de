import Execution
import Graphs
import Tensors
import Testing

@testable import Networks

/// A sequence in two pieces, the second of which begins with the last states of the first, is the sequence in one.
@Suite struct RecurrentStateTests {
    private static let layers: [@Sendable () -> RecurrentLayer] = [
        { RNN(3, 17, numLayers: 2) }, { GRU(3, 17, numLayers: 2) }, { LSTM(3, 17, numLayers: 2) },
    ]

    @Test(arguments: layers.indices) func piecesGiveWhatTheWholeGives(index: Int) throws {
        let layer = Self.layers[index]()
        fillWithWaves(layer.parameters)
        let whole = try results(of: layer, pieces: [5])
        let parts = try results(of: layer, pieces: [2, 3])
        #expect(whole.count == parts.count)
        for (number, pair) in zip(whole, parts).enumerated() {
            #expect(largestError(pair.1, pair.0) < 2e-5, "result \(number)")
        }
        // What the last states are goes back through all steps.
        #expect(whole[1].prefix(6).contains { $0 != 0 })
    }

    /// The outputs, and the gradients of a loss of the last states alone by x and all parameters.
    private func results(of layer: RecurrentLayer, pieces: [Int]) throws -> [[Float]] {
        let trace = Trace()
        let x = trace.input("x", TensorType([5, 2, 3]))
        var (outputs, states): ([Symbol], [Symbol]) = ([], [])
        for piece in x.split(along: 0, sizes: pieces) {
            let result = layer.apply(to: piece, from: states, lengths: nil)
            outputs.append(result.output)
            states = result.states
        }
        let terms = states.map { ($0 * ($0 + 1)).sum() }
        let gradients = trace.gradients(
            of: terms.dropFirst().reduce(terms[0]) { $0 + $1 },
            withRespectTo: [x] + layer.parameters.map(trace.symbol))
        let graph = trace.finish(
            outputs: [Symbol.concatenated(outputs, axis: 0)] + gradients.compactMap(\.self) + states)
        return try Program(graph, on: CPUBackend()).outputs(for: [Tensor(wave(30, 0.37), shape: [5, 2, 3])])
    }
}
