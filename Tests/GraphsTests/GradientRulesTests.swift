import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// Every gradient rule, on the program that it becomes, against central differences of the plain loops in double
/// precision; the forward results on the way.
@Suite struct GradientRulesTests {
    @Test(arguments: builtInOperations.map(\.name)) func ruleMatchesCentralDifferences(name: String) throws {
        guard case .samples(let samples) = try #require(gradientCheck(of: name), "\(name) has no line") else { return }
        #expect(!samples.isEmpty)
        for sample in samples {
            #expect(sample.operation.name == name)
            try check(sample)
        }
    }

    @Test func eachOperationIsInTheListOnce() {
        #expect(Set(builtInOperations.map(\.name)).count == builtInOperations.count)
    }

    /// The loss is the sum of the results times random weights, so that each has another gradient.
    private func check(_ sample: Sample) throws {
        let trace = Trace()
        let inputs = sample.inputs.enumerated().map { trace.input("x\($0)", $1.type) }
        let result = trace.apply(sample.operation, to: inputs)[0]
        let weights = trace.input("weights", result.type)
        let loss = (result * weights).sum()
        let gradients = trace.gradients(of: loss, withRespectTo: inputs)
        #expect(gradients.map { $0 != nil } == sample.inputs.map(\.isDifferentiable), "\(sample)")

        let tensors = sample.inputs.enumerated().map { $1.tensor($0) } + [random(result.shape, seed: 5)]
        let actual = try trace.finish(outputs: [result] + gradients.compactMap(\.self)).evaluated(tensors)
        let forward = trace.finish(outputs: [result])
        let plainLoss = trace.finish(outputs: [loss])

        let values = tensors.map(doubles)
        #expect(largestError(actual[0], PlainEvaluation(forward, inputs: values).outputs[0]) < 2e-6, "\(sample)")
        let differentiable = inputs.indices.filter { sample.inputs[$0].isDifferentiable }
        for (gradient, input) in zip(actual.dropFirst(), differentiable) {
            let numeric = centralDifferences(of: plainLoss, at: values, byInput: input)
            #expect(largestError(gradient, numeric) < 1e-5, "\(sample), input \(input)")
        }
    }

    private func centralDifferences(of loss: Graph, at values: [[Double]], byInput input: Int) -> [Double] {
        let step = 1e-4
        return values[input].indices.map { element in
            var moved = values
            moved[input][element] += step
            let above = PlainEvaluation(loss, inputs: moved).outputs[0][0]
            moved[input][element] -= 2 * step
            return (above - PlainEvaluation(loss, inputs: moved).outputs[0][0]) / (2 * step)
        }
    }
}

/// What is true of the rules where central differences say nothing.
@Suite struct KinkTests {
    @Test func tiesGiveTheGradientToTheFirst() throws {
        for operation in [Binary.maximum, .minimum] {
            let trace = Trace()
            let (a, b) = (trace.input("a", TensorType([3])), trace.input("b", TensorType([3])))
            let gradients = trace.gradients(
                of: trace.apply(operation, to: [a, b])[0].sum(), withRespectTo: [a, b])
            let graph = trace.finish(outputs: gradients.compactMap(\.self))
            let same = random([3])
            #expect(try graph.evaluated([same, same]) == [[1, 1, 1], [0, 0, 0]])
        }
    }

    @Test func reluHasNoSlopeAtZero() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([2]))
        let gradients = trace.gradients(of: x.relu().sum(), withRespectTo: [x])
        #expect(try trace.finish(outputs: gradients.compactMap(\.self)).evaluated([Tensor(zeros: [2])]) == [[0, 0]])
    }

    @Test func comparisonsPassNoGradient() {
        let trace = Trace()
        let (a, b) = (trace.input("a", TensorType([3])), trace.input("b", TensorType([3])))
        let loss = trace.apply(.isAtLeast, to: [a, b])[0].sum()
        #expect(trace.gradients(of: loss, withRespectTo: [a, b]).allSatisfy { $0 == nil })
    }
}
