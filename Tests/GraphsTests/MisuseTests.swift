import Collectives
import Execution
import Graphs
import LayerOperations
import Tensors
import Testing

/// Mistakes in a network are found when it is traced, and said in a sentence.
@Suite struct MisuseTests {
    @Test func symbolsOfTwoTracesDoNotMix() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = Trace().input("x", TensorType([2]))
            _ = x + Trace().input("y", TensorType([2]))
        }
        expect(result, says: "mixes symbols of two traces")
    }

    @Test func addingOtherShapesTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            _ = trace.input("x", TensorType([2])) + trace.input("y", TensorType([3]))
        }
        expect(result, says: "add needs two values of one shape, not Float32[2], Float32[3]")
    }

    @Test func matricesThatDoNotFitTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            let (a, b) = (trace.input("a", TensorType([2, 3])), trace.input("b", TensorType([2, 3])))
            _ = a.matrixMultiplied(by: b)
        }
        expect(result, says: "needs two matrices that fit, not Float32[2, 3], Float32[2, 3]")
    }

    @Test func reshapeThatCannotHoldTheElementsTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Trace().input("x", TensorType([2, 3])).reshaped(to: [5])
        }
        expect(result, says: "cannot hold Float32[2, 3]")
    }

    @Test func floatingPointLabelsTrap() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            let (logits, labels) = (trace.input("x", TensorType([2, 3])), trace.input("y", TensorType([2])))
            _ = logits.sparseCrossEntropy(labels: labels)
        }
        expect(result, says: "needs int32 as input 1")
    }

    @Test func softmaxOfAVectorTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Trace().input("x", TensorType([4])).softmax()
        }
        expect(result, says: "softmax needs a matrix, not Float32[4]")
    }

    @Test func arithmeticOnClassNumbersTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Trace().input("labels", TensorType([4], .int32)).relu()
        }
        expect(result, says: "relu needs float32 as input 0, not Int32[4]")
    }

    @Test func biasAlongAMissingDimensionTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            _ = trace.input("x", TensorType([2, 3])).addingBias(trace.input("b", TensorType([3])), axis: 2)
        }
        expect(result, says: "finds no such dimension in Float32[2, 3]")
    }

    @Test func windowLargerThanTheImageTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Trace().input("x", TensorType([1, 1, 4, 4])).maxPooled(Pooling(kernel: [5, 5], stride: [1, 1]))
        }
        expect(result, says: "a window of 5 does not fit into 4 places")
    }

    @Test func gradientOfAVectorTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            let x = trace.input("x", TensorType([2]))
            _ = trace.gradients(of: x, withRespectTo: [x])
        }
        expect(result, says: "a gradient is taken of a scalar, not of Float32[2]")
    }

    @Test func groupThatNobodyGaveTraps() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            let sum = trace.apply(.allReduce(.sum, group: "data"), to: [trace.input("x", TensorType([2]))])
            _ = Program(trace.finish(outputs: sum), on: CPUBackend(), groups: [:])
        }
        expect(result, says: "the group data, which was not given")
    }

    private func expect(_ result: ExitTest.Result?, says sentence: String) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(sentence))
    }
}
