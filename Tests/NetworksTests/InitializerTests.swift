import Graphs
import Models
import Networks
import Tensors
import Testing

@Suite struct InitializerTests {
    private func values(
        _ initializer: Initializer, name: String = "fc.weight", seed: UInt64 = 1, shape: Shape = [100, 100]
    ) -> [Float] {
        let parameter = Parameter(name: name, shape: shape, initializer: initializer)
        parameter.initialize(seed: seed)
        return parameter.values
    }

    @Test func valuesDependOnSeedAndNameOnly() {
        let first = values(.uniform(bound: 1))
        #expect(first.elementsEqual(values(.uniform(bound: 1))))
        #expect(!first.elementsEqual(values(.uniform(bound: 1), seed: 2)))
        #expect(!first.elementsEqual(values(.uniform(bound: 1), name: "fc.bias")))
        // A larger tensor begins with the same numbers.
        #expect(values(.uniform(bound: 1), shape: [101]).elementsEqual(first[..<101]))
    }

    @Test func uniformValuesFillTheirRangeEvenly() {
        let (mean, deviation) = moments(values(.uniform(bound: 0.5)))
        // Of 10,000 numbers; five standard errors.
        #expect(abs(mean) < 5 * 0.289 / 100)
        #expect(abs(deviation - 0.5 / Double(3).squareRoot()) < 0.01)
        let numbers = values(.uniform(bound: 0.5))
        #expect(numbers.allSatisfy { -0.5 <= $0 && $0 < 0.5 })
        #expect((numbers.max() ?? 0) > 0.499 && (numbers.min() ?? 0) < -0.499)
    }

    @Test func normalValuesHaveTheirDeviation() {
        let (mean, deviation) = moments(values(.normal(deviation: 2)))
        #expect(abs(mean) < 5 * 2.0 / 100)
        #expect(abs(deviation - 2) < 0.08)
    }

    @Test func constantsAreConstant() {
        #expect(values(.zeros, shape: [3]) == [0, 0, 0])
        #expect(values(.ones, shape: [3]) == [1, 1, 1])
    }

    @Test func firstValueIsGivenOnce() {
        let parameter = Parameter(name: "p", shape: [4], initializer: .uniform(bound: 1))
        parameter.initialize(seed: 1)
        let first = parameter.values
        parameter.initialize(seed: 2)
        #expect(parameter.values == first)
        let loaded = Parameter(name: "q", value: Tensor([5] as [Float], shape: [1]))
        loaded.initialize(seed: 1)
        #expect(loaded.values == [5])
    }

    @Test func layersBeginWithinTheBoundOfTheirInputs() {
        for parameter in LeNet5().parameters { #expect(parameter.shape.elementCount > 0 && !parameter.isInitialized) }
        #expect(Dense(400, 120).parameters.map(\.initializer) == [.uniform(bound: 0.05), .uniform(bound: 0.05)])
        #expect(Conv2d(4, 6, kernelSize: 5).weight.initializer == .uniform(bound: 0.1))
    }

    private func moments(_ values: [Float]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
        return (mean, variance.squareRoot())
    }
}
