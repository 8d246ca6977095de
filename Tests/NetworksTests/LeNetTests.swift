import Execution
import Graphs
import Models
import Networks
import Tensors
import Testing

/// One training step of LeNet-5 beside MindSpore's, from the same weights, images and labels.
@Suite struct LeNetTests {
    @Test func logitsAndLossAreMindSpores() throws {
        let outputs = try step(of: LeNet5())
        #expect(largestError(outputs[0], MindSporeNumbers.lenetLogits) < 1e-5)
        #expect(largestError(outputs[1], MindSporeNumbers.lenetLoss) < 1e-5)
    }

    @Test func gradientsAreMindSpores() throws {
        let norms = try step(of: LeNet5()).dropFirst(2).map { gradient in
            Float(gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
        }
        #expect(largestError(norms, MindSporeNumbers.lenetGradientNorms, scale: 0) < 1e-5)
    }

    @Test func updatedParametersAreMindSpores() throws {
        let network = LeNet5()
        _ = try step(of: network)
        let sums = network.parameters.flatMap { checksum($0.values) }
        #expect(largestError(sums, MindSporeNumbers.lenetUpdated) < 1e-5)
    }

    /// Sum, sum of squares, and the first, middle and last element.
    private func checksum(_ values: [Float]) -> [Float] {
        let numbers = values.map(Double.init)
        let sums = [numbers.reduce(0, +), numbers.reduce(0) { $0 + $1 * $1 }].map { Float($0) }
        return sums + [values[0], values[values.count / 2], values[values.count - 1]]
    }

    /// Logits, loss and all gradients.
    private func step(of network: LeNet5) throws -> [[Float]] {
        let parameters = network.trainableParameters
        fillWithWaves(parameters)
        let optimizer = Momentum(parameters, learningRate: 0.1, momentum: 0.9)
        let trace = Trace()
        let images = trace.input("image", TensorType([4, 1, 32, 32]))
        let labels = trace.input("label", TensorType([4], .int32))
        let logits = network(images)
        let loss = SoftmaxCrossEntropyWithLogits(sparse: true).construct(logits, labels)
        let gradients = trace.gradients(of: loss, withRespectTo: parameters.map(trace.symbol)).compactMap(\.self)
        for (index, gradient) in gradients.enumerated() { optimizer.update(index, gradient: gradient) }
        let program = Program(trace.finish(outputs: [logits, loss] + gradients), on: CPUBackend())
        return try program.outputs(for: [
            Tensor(wave(4 * 32 * 32, 0.37), shape: [4, 1, 32, 32]), Tensor([3, 0, 9, 4] as [Int32], shape: [4]),
        ])
    }
}
