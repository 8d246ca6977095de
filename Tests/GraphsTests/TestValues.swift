import Collectives
import Execution
import Graphs
import Tensors

/// A float32 tensor of random numbers in -1..<1, the same in every run.
func random(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    let tensor = Tensor(zeros: shape)
    tensor.fillUniform(in: -1..<1, random: RandomSource(seed: seed, name: "\(shape)"))
    return tensor
}

extension Program {
    /// Runs once with these inputs and returns copies of the outputs, all float32.
    func outputs(for tensors: [Tensor] = []) throws -> [[Float]] {
        for (input, tensor) in zip(inputs, tensors) { input.copy(from: tensor) }
        try run()
        return outputs.map { $0.elements(of: Float.self) }
    }
}

extension Graph {
    /// Runs it once with these inputs and returns its outputs, all float32.
    func evaluated(
        _ inputs: [Tensor] = [], threads: Int = 1, groups: [String: any Communicator] = [:]
    ) throws -> [[Float]] {
        try Program(self, on: CPUBackend(threads: threads), groups: groups).outputs(for: inputs)
    }
}

/// The largest difference, as a share of the larger of 1 and the expected number; infinite for NaN or other lengths.
func largestError(_ actual: [Float], _ expected: [Double]) -> Double {
    guard actual.count == expected.count else { return .infinity }
    return zip(actual, expected).reduce(0) { error, pair in
        let difference = abs(Double(pair.0) - pair.1) / max(1, abs(pair.1))
        return difference.isNaN ? .infinity : max(error, difference)
    }
}
