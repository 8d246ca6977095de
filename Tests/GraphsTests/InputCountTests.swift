import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// Each operation says how many inputs it takes, and is given no other number.
@Suite struct InputCountTests {
    /// Those that take any number, and check it themselves.
    private static let ofAnyNumber: Set = ["allReduce", "concatenate"]

    @Test(arguments: builtInOperations.indices) func anotherNumberOfInputsIsRefused(index: Int) throws {
        let operation = builtInOperations[index]
        guard let count = operation.inputCount else {
            #expect(Self.ofAnyNumber.contains(operation.name) || operation is StepUpdate, "\(operation) does not say")
            #expect(throws: Misfit.self) { try operation.checkedTypes(of: []) }
            return
        }
        for wrong in [count - 1, count + 1] where wrong >= 0 {
            let types = (0..<wrong).map { TensorType([2, 2], operation.elementType(ofInput: $0) ?? .float32) }
            let error = #expect(throws: Misfit.self, "\(operation)") { try operation.checkedTypes(of: types) }
            let sentence = error?.sentence ?? ""
            #expect(sentence.contains(" takes \(count) input\(count == 1 ? "" : "s"), not "), "\(sentence)")
        }
    }

    @Test func theInputsAreNamed() {
        let error = #expect(throws: Misfit.self) { try Binary.add.checkedTypes(of: [TensorType([2])]) }
        #expect(error?.sentence == "add takes 2 inputs, not 1: Float32[2]")
        let none = #expect(throws: Misfit.self) { try Unary.exp.checkedTypes(of: []) }
        #expect(none?.sentence == "exp takes 1 input, not none")
    }

    /// An operation of somebody's own that does not say: its kernel does.
    @Test func aKernelOfOneInputIsNotGivenTwo() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            let x = trace.input("x", TensorType([2]))
            _ = Program(trace.finish(outputs: [x.apply(Silent(), x)]), on: CPUBackend())
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("a kernel of one input is given 2: say by inputCount that 1 is taken"), "\(text)")
    }
}

private struct Silent: Graphs.Operation {
    func kernel(_ operands: Operands) -> () -> Void { operands.unary { y, x in x[0] = y[0] } }
}
