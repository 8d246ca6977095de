import Collectives
import Graphs
import LayerOperations
import Tensors
import Testing

@Suite struct GraphTests {
    @Test func pruningDropsWhatNobodyNeeds() {
        let trace = Trace()
        let x = trace.input("x", TensorType([2]))
        _ = trace.input("unused", TensorType([3]))
        _ = trace.symbol(for: Parameter(name: "unused", value: Tensor(zeros: [2]))) * 2
        let y = x.tanh()
        _ = y.exp()
        let graph = trace.finish(outputs: [y.sum()])
        // Inputs stay: the caller provides them by their order.
        #expect(graph.nodes.map(\.operation.name) == ["input", "input", "tanh", "sum"])
        #expect(graph.inputs.count == 2 && graph.parameters.isEmpty)
    }

    @Test func pruningKeepsUpdatesAndWhatTheyNeed() {
        let trace = Trace()
        let parameter = Parameter(name: "p", shape: [2], initializer: .ones)
        let gradient = trace.input("g", TensorType([2])).tanh()
        let p = trace.symbol(for: parameter)
        let rate = trace.constant(Tensor(scalar: Float(1)))
        trace.apply(.sgdUpdate(SGDSettings()), to: [p, p, p, gradient, rate])
        let graph = trace.finish(outputs: [])
        #expect(graph.nodes.map(\.operation.name) == ["input", "tanh", "parameter", "constant", "sgdUpdate"])
        #expect(graph.parameters.map(\.name) == ["p"])
    }

    @Test func scopesNameTheNodes() {
        let trace = Trace()
        let x = trace.input("x", TensorType([2]))
        let y = trace.scope("outer") { trace.scope("inner") { x.tanh() }.exp() }
        let gradient = trace.gradients(of: y.sum(), withRespectTo: [x])
        let graph = trace.finish(outputs: gradient.compactMap(\.self))
        #expect(graph.nodes.filter { $0.operation.name == "tanh" }.map(\.scope) == ["outer.inner"])
        #expect(graph.nodes.contains { $0.scope == "outer.inner'" })
    }

    @Test func descriptionIsALineANode() {
        let trace = Trace()
        let x = trace.input("x", TensorType([2, 3]))
        let graph = trace.finish(outputs: [x.relu(), x.reshaped(to: [6])])
        #expect(
            graph.description == """
                %0 = input(name: "x")() : Float32[2, 3]
                %1 = relu(%0) : Float32[2, 3]
                %2 = reshape([6])(%0) : Float32[6]
                return %1, %2
                """)
    }

    @Test func equalGraphsHaveEqualDescriptions() {
        for seed in 0..<20 as Range<UInt64> {
            #expect(RandomGraph.make(seed: seed).description == RandomGraph.make(seed: seed).description)
        }
    }

    @Test func graphsThatComputeOtherThingsHaveOtherDescriptions() {
        let convolution = Convolution(padding: [0, 1, 0, 1])
        let builders: [(Symbol) -> Symbol] = [
            { $0 }, { $0.relu() }, { $0.tanh() }, { $0 + $0 }, { $0 * 2 }, { $0 * 2.0000002 }, { $0 + 2 },
            { $0.transposed([0, 1, 3, 2]) }, { $0.transposed([1, 0, 2, 3]) }, { $0.reshaped(to: [2, 3]) },
            { $0.reshaped(to: [3, 2]) }, { $0.sum(toAxis: 0) }, { $0.sum(toAxis: 1) }, { $0.relu().tanh() },
            { $0.convolved(with: $0, Convolution()) }, { $0.convolved(with: $0, convolution) },
            { $0.scaled(by: $0.trace.constant(Tensor(scalar: Float(1)))) },
            { $0.scaled(by: $0.trace.constant(Tensor(scalar: Float(2)))) },
            { $0 + $0.trace.constant(random($0.shape, seed: 1)) },
            { $0 + $0.trace.constant(random($0.shape, seed: 2)) },
            { $0 + $0.trace.symbol(for: Parameter(name: "a", shape: $0.shape, initializer: .zeros)) },
            { $0 + $0.trace.symbol(for: Parameter(name: "b", shape: $0.shape, initializer: .zeros)) },
            { $0.trace.apply(.allReduce(.sum, group: "data"), to: [$0])[0] },
            { $0.trace.apply(.allReduce(.average, group: "data"), to: [$0])[0] },
            { $0.trace.apply(.allReduce(.sum, group: "model"), to: [$0])[0] },
        ]
        let descriptions = builders.map { build in
            let trace = Trace()
            return trace.finish(outputs: [build(trace.input("x", TensorType([1, 1, 2, 3])))]).description
        }
        #expect(Set(descriptions).count == builders.count)
    }
}
