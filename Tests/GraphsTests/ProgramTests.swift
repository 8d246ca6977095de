import Collectives
import Execution
import Graphs
import LayerOperations
import Networks
import Tensors
import Testing

@Suite struct ProgramTests {
    @Test(arguments: 0..<100 as Range<UInt64>) func randomGraphsEqualTheirPlainEvaluation(seed: UInt64) throws {
        let graph = RandomGraph.make(seed: seed)
        let inputs = RandomGraph.inputs(seed: seed)
        let actual = try graph.evaluated(inputs, groups: ["data": SoloCommunicator()])
        let expected = PlainEvaluation(graph, inputs: inputs.map(doubles)).outputs
        for (actual, expected) in zip(actual, expected) { #expect(largestError(actual, expected) < 2e-5) }
    }

    @Test func runsFollowTheInputs() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([3]))
        let program = Program(trace.finish(outputs: [(x * 2).relu()]), on: CPUBackend())
        #expect(try program.outputs(for: [Tensor([1, -1, 2] as [Float], shape: [3])]) == [[2, 0, 4]])
        let kept = program.outputs[0]
        #expect(try program.outputs(for: [Tensor([-5, 5, 0] as [Float], shape: [3])]) == [[0, 10, 0]])
        // A view, not a copy: the next run has overwritten what was kept.
        #expect(kept.elements(of: Float.self) == [0, 10, 0])
    }

    @Test func inputsAndParametersCanBeOutputs() throws {
        let trace = Trace()
        let parameter = Parameter(name: "p", value: Tensor([3, 4] as [Float], shape: [2]))
        let x = trace.input("x", TensorType([2]))
        let graph = trace.finish(outputs: [x, trace.symbol(for: parameter), x.reshaped(to: [1, 2])])
        #expect(try graph.evaluated([Tensor([1, 2] as [Float], shape: [2])]) == [[1, 2], [3, 4], [1, 2]])
    }

    @Test func updatesRunAlthoughNobodyUsesThem() throws {
        let parameter = Parameter(name: "p", value: Tensor([1, 2] as [Float], shape: [2]))
        let trace = Trace()
        let p = trace.symbol(for: parameter)
        let rate = trace.constant(Tensor(scalar: Float(0.5)))
        trace.apply(.sgdUpdate(SGDSettings()), to: [p, p, p, trace.input("g", TensorType([2])), rate])
        let program = Program(trace.finish(outputs: []), on: CPUBackend())
        for _ in 0..<2 { _ = try program.outputs(for: [Tensor([2, -4] as [Float], shape: [2])]) }
        #expect(parameter.tensor.elements(of: Float.self) == [-1, 6])
    }

    /// An update changes its parameter in place; what was computed before it saw the old value.
    @Test func updateComesAfterTheReadsBeforeIt() throws {
        let parameter = Parameter(name: "p", value: Tensor([1] as [Float], shape: [1]))
        let trace = Trace()
        let p = trace.symbol(for: parameter)
        let before = p * 10
        let rate = trace.constant(Tensor(scalar: Float(1)))
        trace.apply(.sgdUpdate(SGDSettings()), to: [p, p, p, trace.input("g", TensorType([1])), rate])
        let graph = trace.finish(outputs: [before, p * 10])
        #expect(try graph.evaluated([Tensor([3] as [Float], shape: [1])]) == [[10], [-20]])
    }

    @Test func trainingHasTheSameBitsInEveryRunAndForAnyNumberOfThreads() throws {
        let first = try trainedBits(threads: 1)
        #expect(first.contains { $0 != first[0] })
        for threads in [1, 2, 3] { #expect(try first.elementsEqual(trainedBits(threads: threads))) }
    }

    /// Losses and parameters of three steps, as bits.
    private func trainedBits(threads: Int) throws -> [UInt32] {
        let step = LeNetStep(batch: 5)
        let program = Program(step.graph, on: CPUBackend(threads: threads))
        var numbers: [Float] = []
        for round in 0..<3 as Range<UInt64> { numbers += try program.outputs(for: step.inputs(seed: round))[0] }
        numbers += step.network.parameters.flatMap { $0.tensor.elements(of: Float.self) }
        return numbers.map(\.bitPattern)
    }

    @Test func lossFallsInTraining() throws {
        let step = LeNetStep(batch: 8)
        let program = Program(step.graph, on: CPUBackend())
        let losses = try (0..<60).map { _ in try program.outputs(for: step.inputs(seed: 1))[0][0] }
        #expect(losses[59] < losses[0] / 2)
    }
}
