import Execution
import Glibc
import Graphs
import Networks
import Tensors
import Testing

/// Numbers that look random: sines of the squared index, as Tests/MindSpore/optimizers.py makes them.
func wave(_ count: Int, _ frequency: Double, scale: Double = 1) -> [Float] {
    (0..<count).map { index in
        let place = Double(index + 1)
        return Float(sin(place * place * frequency) * scale)
    }
}

/// Gives the parameters the values that the script gives them.
func fillWithWaves(_ parameters: [Parameter]) {
    for (index, parameter) in parameters.enumerated() {
        let inputs = parameter.shape.dimensions.dropFirst().reduce(1, *)
        let scale = parameter.shape.rank > 1 ? 2 / Double(inputs).squareRoot() : 0.1
        parameter.tensor.copy(
            from: Tensor(wave(parameter.shape.elementCount, Double(index + 1), scale: scale), shape: parameter.shape))
    }
}

extension Parameter {
    var values: [Float] { tensor.elements(of: Float.self) }
}

extension Program {
    /// Runs once with these inputs and returns copies of the outputs, all float32.
    func outputs(for tensors: [Tensor]) throws -> [[Float]] {
        for (input, tensor) in zip(inputs, tensors) { input.copy(from: tensor) }
        try run()
        return outputs.map { $0.elements(of: Float.self) }
    }
}

/// What `build` makes of the inputs.
func evaluated(_ tensors: [Tensor], _ build: ([Symbol]) -> Symbol) throws -> [Float] {
    let trace = Trace()
    let inputs = tensors.enumerated().map { trace.input("x\($0)", $1.type) }
    let graph = trace.finish(outputs: [build(inputs)])
    return try Program(graph, on: CPUBackend()).outputs(for: tensors)[0]
}

/// The largest difference, as a share of the larger of `scale` and the expected number; infinite for NaN or other
/// lengths.
func largestError(_ actual: [Float], _ expected: [Float], scale: Float = 1) -> Float {
    guard actual.count == expected.count else { return .infinity }
    return zip(actual, expected).reduce(0) { error, pair in
        let difference = abs(pair.0 - pair.1) / max(scale, abs(pair.1))
        return difference.isNaN ? .infinity : max(error, difference)
    }
}

/// The losses of steps that teach a network to tell two kinds of four grey pictures apart.
func losses(of network: any Cell, side: Int, rate: Float, steps: Int) throws -> [Float] {
    for parameter in network.parameters { parameter.initialize(seed: 3) }
    let optimizer = Momentum(network.trainableParameters, learningRate: .constant(rate), momentum: 0.9)
    let trace = Trace(cursor: StepCursor(seed: 1))
    let x = trace.input("x", TensorType([4, 1, side, side]))
    let labels = trace.input("labels", TensorType([4], .int32))
    let loss = SoftmaxCrossEntropyWithLogits(sparse: true).construct(network(x), labels)
    let gradients = trace.gradients(
        of: loss, withRespectTo: network.trainableParameters.map { trace.symbol(for: $0) })
    for (index, gradient) in gradients.enumerated() {
        optimizer.update(index, gradient: try #require(gradient))
    }
    let program = Program(trace.finish(outputs: [loss]), on: CPUBackend())
    let pictures = Tensor(wave(4 * side * side, 0.37), shape: [4, 1, side, side])
    let inputs = [pictures, Tensor([0, 1, 0, 1] as [Int32], shape: [4])]
    return try (0..<steps).map { _ in try program.outputs(for: inputs)[0][0] }
}
