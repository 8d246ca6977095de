import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// Products that run as one instruction with what follows them.
@Suite struct FusionTests {
    /// A graph of one product of x and w, and what is made of it.
    private struct Sample {
        let trace = Trace()
        let x: Symbol
        let product: Symbol
        let bias: Symbol
        let other: Symbol

        init() {
            x = trace.input("x", TensorType([13, 7]))
            let w = trace.symbol(for: Parameter(name: "w", value: random([33, 7], seed: 2)))
            product = x.matrixMultiplied(by: w, transposeB: true)
            bias = trace.symbol(for: Parameter(name: "b", value: random([33], seed: 3)))
            other = trace.input("other", TensorType([13, 33]))
        }

        var sum: Symbol { product.addingBias(bias, axis: 1) }

        static var inputs: [Tensor] { [random([13, 7]), random([13, 33], seed: 4)] }
    }

    /// What `build` makes, beside the numbers when every value is an output, so that nothing can be fused.
    private func check(_ build: (Sample) -> [Symbol], instructions: Int) throws {
        let sample = Sample()
        let results = build(sample)
        let graph = sample.trace.finish(outputs: [results[results.count - 1]])
        #expect(Compiler.instructions(of: graph) == instructions)
        let whole = sample.trace.finish(outputs: [sample.product] + results)
        let fused = try graph.evaluated(Sample.inputs)
        let unfused = try whole.evaluated(Sample.inputs)
        #expect(fused[0].elementsEqual(unfused[results.count]) { $0.bitPattern == $1.bitPattern })
    }

    @Test func biasRunsWithItsProduct() throws {
        try check({ [$0.sum] }, instructions: 1)
    }

    @Test func sumRunsWithThemFromEitherSide() throws {
        try check(
            { sample in
                let sum = sample.sum
                return [sum, sample.other + sum]
            }, instructions: 1)
        try check(
            { sample in
                let sum = sample.sum
                return [sum, sum + sample.other]
            }, instructions: 1)
    }

    @Test func sumWithItselfDoesNot() throws {
        try check(
            { sample in
                let sum = sample.sum
                return [sum, sum + sum]
            }, instructions: 2)
    }

    @Test func activationsRunWithThem() throws {
        try check(
            { sample in
                let sum = sample.sum
                return [sum, sum.relu()]
            }, instructions: 1)
        try check(
            { sample in
                let sum = sample.sum
                return [sum, sum.gelu()]
            }, instructions: 1)
    }

    /// The gradient of GELU reads what GELU was given, long after; the memory in between is used again.
    @Test func whatGELUWasGivenStaysForItsGradient() throws {
        try check(
            { sample in
                let sum = sample.sum
                let activated = sum.gelu()
                var far = activated
                for _ in 0..<3 { far = (far * 0.5).tanh() }
                let gradient = far.matrixMultiplied(by: far, transposeA: true)
                let back = far.matrixMultiplied(by: gradient).apply(.geluGradient, sum)
                return [sum, activated, back]
            }, instructions: 1 + 6 + 1 + 1)
    }

    @Test func readerBetweenSumAndActivationKeepsThemApart() throws {
        try check(
            { sample in
                let sum = sample.sum
                let before = sum.tanh()
                return [sum, before, sum.gelu() + before]
            }, instructions: 4)
    }

    /// The product's factors are alive until the chain runs, though others run before it.
    @Test func factorsStayUntilTheChainRuns() throws {
        try check(
            { sample in
                let a = sample.x.tanh()
                let w = sample.trace.symbol(for: Parameter(name: "v", value: random([33, 7], seed: 5)))
                let product = a.matrixMultiplied(by: w, transposeB: true)
                var addend = sample.other
                for _ in 0..<4 { addend = addend.tanh() }
                let sum = product.addingBias(sample.bias, axis: 1)
                return [a, product, sum, sum + addend]
            }, instructions: 1 + 4 + 1)
    }

    /// An update between the product and its end would change what the product reads.
    @Test func updateInBetweenKeepsThemApart() throws {
        let sample = Sample()
        let parameter = sample.trace.symbol(for: Parameter(name: "p", value: random([13, 33], seed: 6)))
        let product = sample.product
        sample.trace.apply(.accumulate, to: [parameter, sample.other])
        let graph = sample.trace.finish(outputs: [product.addingBias(sample.bias, axis: 1)])
        #expect(Compiler.instructions(of: graph) == 3)
    }
}

extension Compiler {
    /// How many instructions a graph becomes.
    fileprivate static func instructions(of graph: Graph) -> Int {
        var compiler = Compiler(graph, storage: Storage(graph), backend: CPUBackend(), groups: [:])
        return compiler.compile().count
    }
}
