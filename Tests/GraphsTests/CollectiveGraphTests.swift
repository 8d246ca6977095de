import Collectives
import CollectivesTestKit
import Execution
import Graphs
import LayerOperations
import Tensors
import Testing

/// Reductions as nodes of a graph, on ranks that are threads; the expected numbers are computed by hand.
@Suite struct CollectiveGraphTests {
    /// On each rank, element i of an input is (rank + 1) · (i + 1).
    private static func input(_ count: Int, on world: any Communicator) -> Tensor {
        Tensor((0..<count).map { Float((world.rank + 1) * ($0 + 1)) }, shape: [count])
    }

    /// What the sum of these inputs over ranks 0..<ranks is.
    private static func sum(_ count: Int, ranks: Int) -> [Float] {
        (0..<count).map { Float(ranks * (ranks + 1) / 2 * ($0 + 1)) }
    }

    @Test(arguments: [1, 2, 4], [ReduceOperation.sum, .average])
    func resultsAreRightWhereverTheyAreUsed(ranks: Int, operation: ReduceOperation) throws {
        let results = try ThreadWorld.run(ranks: ranks) { world in
            let trace = Trace()
            let (a, b) = (trace.input("a", TensorType([3])), trace.input("b", TensorType([20])))
            // First used through a view, with nothing between that would wait for it.
            let ofAView = trace.apply(.allReduce(operation, group: "data"), to: [b])[0].reshaped(to: [5, 4]).sumRows()
            // Three values of awkward sizes in one message.
            let reduced = trace.apply(.allReduce(operation, group: "data"), to: [a, b, a + 0])
            let atOnce = reduced[0] * 2
            let between = b.reshaped(to: [4, 5]).sumRows()
            let throughAView = reduced[1].reshaped(to: [5, 4]).sumRows()
            let graph = trace.finish(outputs: [atOnce, between, throughAView, reduced[1], reduced[2], ofAView])
            let inputs = [Self.input(3, on: world), Self.input(20, on: world)]
            let program = Program(graph, on: CPUBackend(), groups: ["data": world])
            _ = try program.outputs(for: inputs)
            return try program.outputs(for: inputs)
        }
        let share = operation == .average ? 1 / Float(ranks) : 1
        let (a, b) = (Self.sum(3, ranks: ranks).map { $0 * share }, Self.sum(20, ranks: ranks).map { $0 * share })
        for (rank, outputs) in results.enumerated() {
            #expect(outputs[0] == a.map { $0 * 2 })
            #expect(outputs[1] == [15, 40, 65, 90].map { $0 * Float(rank + 1) })
            #expect(outputs[2] == (0..<5).map { b[$0 * 4..<$0 * 4 + 4].reduce(0, +) })
            #expect(outputs[3] == b && outputs[4] == a && outputs[5] == outputs[2])
        }
    }

    @Test(arguments: [1, 2, 4]) func laterReductionCanBeUsedFirst(ranks: Int) throws {
        let results = try ThreadWorld.run(ranks: ranks) { world in
            let trace = Trace()
            let x = trace.input("x", TensorType([5]))
            let first = trace.apply(.allReduce(.sum, group: "data"), to: [x])[0]
            let second = trace.apply(.allReduce(.maximum, group: "data"), to: [x * 10])[0]
            let ofASum = trace.apply(.allReduce(.sum, group: "data"), to: [second + first])[0]
            let graph = trace.finish(outputs: [second * 1, ofASum])
            return try graph.evaluated([Self.input(5, on: world)], groups: ["data": world])
        }
        let largest = (1...5).map { Float(10 * ranks * $0) }
        let total = zip(largest, Self.sum(5, ranks: ranks)).map { ($0 + $1) * Float(ranks) }
        for outputs in results { #expect(outputs == [largest, total]) }
    }

    @Test(arguments: [2, 4]) func groupsReduceOnTheirOwn(ranks: Int) throws {
        let results = try ThreadWorld.run(ranks: ranks) { world in
            let half = try world.split(color: world.rank % 2, key: world.rank, name: "half")
            let trace = Trace()
            let x = trace.input("x", TensorType([2]))
            let inHalf = trace.apply(.allReduce(.sum, group: "half"), to: [x])[0]
            let inAll = trace.apply(.allReduce(.sum, group: "world"), to: [inHalf])[0]
            let graph = trace.finish(outputs: [inHalf, inAll, x])
            return try graph.evaluated([Self.input(2, on: world)], groups: ["half": half, "world": world])
        }
        for (rank, outputs) in results.enumerated() {
            let inHalf = stride(from: rank % 2, to: ranks, by: 2).reduce(0) { $0 + $1 + 1 }
            #expect(outputs[0] == [Float(inHalf), Float(2 * inHalf)])
            // Each half's sum counts once for each of its ranks.
            let inAll = ranks * (ranks + 1) / 2 * (ranks / 2)
            #expect(outputs[1] == [Float(inAll), Float(2 * inAll)])
            #expect(outputs[2] == [Float(rank + 1), Float(2 * rank + 2)])
        }
    }

    /// The mean of w · x over ranks: the gradient of w is the mean of x, and all ranks end with the same w.
    @Test(arguments: [1, 2, 4]) func averagedGradientsMoveParametersAlike(ranks: Int) throws {
        let results = try ThreadWorld.run(ranks: ranks) { world in
            let parameter = Parameter(name: "w", value: Tensor([1, 2, 3] as [Float], shape: [3]))
            let trace = Trace()
            let w = trace.symbol(for: parameter)
            let loss = (w * trace.input("x", TensorType([3]))).sum()
            var averaged: [Symbol] = []
            _ = trace.gradients(of: loss, withRespectTo: [w]) { _, gradient in
                averaged += trace.apply(.allReduce(.average, group: "data"), to: [gradient])
            }
            let rate = trace.constant(Tensor(scalar: Float(0.5)))
            trace.apply(.sgdUpdate(SGDSettings()), to: [w, w, w] + averaged + [rate])
            let program = Program(trace.finish(outputs: []), on: CPUBackend(), groups: ["data": world])
            for _ in 0..<2 { _ = try program.outputs(for: [Self.input(3, on: world)]) }
            return parameter.tensor.elements(of: Float.self)
        }
        let expected = zip([1, 2, 3], Self.sum(3, ranks: ranks)).map { $0 - 2 * 0.5 * $1 / Float(ranks) }
        for parameters in results { #expect(parameters == expected) }
    }
}
