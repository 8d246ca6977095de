import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

@Suite struct MemoryPlanTests {
    @Test(arguments: 0..<200 as Range<UInt64>) func valuesAliveTogetherDoNotOverlap(seed: UInt64) {
        let graph = RandomGraph.make(seed: seed)
        let plan = MemoryPlan(graph, alignment: 64)
        let lives = graph.lives(in: plan)
        for life in lives {
            #expect(life.bytes.lowerBound % 64 == 0 && life.bytes.upperBound <= plan.byteCount)
        }
        for (index, life) in lives.enumerated() {
            for other in lives[..<index] where life.nodes.overlaps(other.nodes) {
                #expect(!life.bytes.overlaps(other.bytes), "\(life.name) and \(other.name)")
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func planIsTheSameEachTime(seed: UInt64) {
        let (first, second) = (RandomGraph.make(seed: seed), RandomGraph.make(seed: seed))
        let (plan, other) = (MemoryPlan(first), MemoryPlan(second))
        #expect(plan.byteCount == other.byteCount)
        #expect(first.values.allSatisfy { plan.place(of: $0) == other.place(of: $0) })
    }

    @Test func chainNeedsTwoPlaces() {
        let trace = Trace()
        var x = trace.input("x", TensorType([100]))
        for _ in 0..<10 { x = x.tanh() }
        // Each value is written from the one before; 400 bytes are 7 cache lines.
        #expect(MemoryPlan(trace.finish(outputs: [x])).byteCount == 2 * 448)
    }

    @Test func reshapedValueSharesTheMemoryOfTheOriginal() {
        let trace = Trace()
        let x = trace.input("x", TensorType([2, 3]))
        let y = x.tanh()
        let graph = trace.finish(outputs: [x.reshaped(to: [6]), y, y.reshaped(to: [3, 2]).reshaped(to: [6])])
        let places = graph.outputs.map(MemoryPlan(graph).place)
        #expect(places[0] == .source(0))
        #expect(places[1] == places[2])
    }

    /// As many numbers as were asked for, although they end within a cache line.
    @Test func scratchIsAsLongAsItWasAskedFor() throws {
        let trace = Trace()
        let y = trace.apply(ThroughScratch(), to: [trace.input("x", TensorType([3]))])
        let graph = trace.finish(outputs: y)
        #expect(MemoryPlan(graph).scratch(of: 1)?.count == 28)
        #expect(try graph.evaluated([Tensor([1, 2, 4] as [Float], shape: [3])]) == [[1, 2, 4]])
    }

    @Test func viewKeepsTheOriginalAlive() {
        let trace = Trace()
        let y = trace.input("x", TensorType([100])).tanh()
        let view = y.reshaped(to: [10, 10])
        var z = y
        for _ in 0..<4 { z = z.tanh() }
        let graph = trace.finish(outputs: [view, z])
        let plan = MemoryPlan(graph)
        #expect(graph.lives(in: plan).allSatisfy { $0.nodes.lowerBound == 1 || $0.bytes.lowerBound >= 448 })
    }

    @Test func sourcesAndUpdatesTakeNoArena() {
        let trace = Trace()
        let parameter = trace.symbol(for: Parameter(name: "p", value: Tensor(zeros: [8])))
        let rate = trace.constant(Tensor(scalar: Float(0.1)))
        let gradient = trace.input("g", TensorType([8]))
        trace.apply(
            .momentumUpdate(momentum: 0.9, weightDecay: 0, nesterov: false),
            to: [parameter, trace.symbol(for: Parameter(name: "v", value: Tensor(zeros: [8]))), gradient, rate])
        let graph = trace.finish(outputs: [parameter])
        #expect(MemoryPlan(graph).byteCount == 0)
        #expect(Program(graph, on: CPUBackend()).arenaByteCount == 0)
    }
}

/// From when to when a value, or what a kernel computes with, must keep its bytes.
private struct Life {
    let name: String
    let bytes: Range<Int>
    let nodes: ClosedRange<Int>
}

extension Graph {
    fileprivate var values: [Value] {
        nodes.indices.flatMap { node in nodes[node].results.indices.map { Value(node: node, result: $0) } }
    }

    /// Of all values that have memory of their own, found by looking through the uses again and again, and of all that kernels
    /// compute with.
    fileprivate func lives(in plan: MemoryPlan) -> [Life] {
        let ofKernels = nodes.indices.compactMap { node in
            plan.scratch(of: node).map { Life(name: "scratch of node \(node)", bytes: $0, nodes: node...node) }
        }
        let ofValues: [Life] = values.compactMap { value in
            guard original(of: value) == value, case .arena(let offset) = plan.place(of: value) else { return nil }
            let byteCount = type(of: value).byteCount
            return Life(
                name: "\(value)", bytes: offset..<offset + byteCount, nodes: value.node...lastUse(of: value))
        }
        return ofKernels + ofValues
    }

    private func lastUse(of value: Value) -> Int {
        // All results of a reduction are under way until the first use of any, and that may be the last of one.
        var isShared = false
        if case .reduction = nodes[value.node].operation.role { isShared = true }
        let isUse = { (used: Value) in
            let original = original(of: used)
            return isShared ? original.node == value.node : original == value
        }
        if outputs.contains(where: isUse) { return nodes.count }
        return nodes.lastIndex { $0.inputs.contains(where: isUse) } ?? value.node
    }

    private func original(of value: Value) -> Value {
        guard nodes[value.node].operation.isView else { return value }
        return original(of: nodes[value.node].inputs[0])
    }
}
