import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// Operations on values of any shapes as a cell writes them.
@Suite struct AnyShapeTests {
    private func evaluated(_ tensors: [Tensor], _ build: ([Symbol]) -> Symbol) throws -> [Float] {
        let trace = Trace()
        let inputs = tensors.enumerated().map { trace.input("x\($0)", $1.type) }
        return try trace.finish(outputs: [build(inputs)]).evaluated(tensors)[0]
    }

    private let matrix = Tensor([1, 5, 3, 4, 2, 6] as [Float], shape: [2, 3])

    @Test func operatorsRepeatWhatFits() throws {
        let row = Tensor([10, 20, 30] as [Float], shape: [3])
        let column = Tensor([2, -1] as [Float], shape: [2, 1])
        #expect(try evaluated([matrix, row]) { $0[0] + $0[1] } == [11, 25, 33, 14, 22, 36])
        #expect(try evaluated([row, matrix]) { $0[0] - $0[1] } == [9, 15, 27, 6, 18, 24])
        #expect(try evaluated([matrix, column]) { $0[0] * $0[1] } == [2, 10, 6, -4, -2, -6])
        #expect(try evaluated([row, column]) { $0[0] / $0[1] } == [5, 10, 15, -10, -20, -30])
        #expect(try evaluated([matrix, column]) { $0[0].maximum($0[1] * 2) } == [4, 5, 4, 4, 2, 6])
        #expect(try evaluated([matrix, column]) { $0[0].minimum($0[1] * 2) } == [1, 4, 3, -2, -2, -2])
    }

    /// The operation for one shape, which a product is fused with.
    @Test func oneShapeIsAddedAsBefore() {
        let trace = Trace()
        let x = trace.input("x", TensorType([2, 3]))
        let graph = trace.finish(outputs: [x + x, x * x, x.maximum(x)])
        #expect(graph.nodes.dropFirst().map(\.operation.name) == ["add", "multiply", "maximum"])
    }

    @Test func shapesThatDoNotFitAreRefused() {
        #expect(Shape([2, 3]).broadcast(with: [2]) == nil)
        #expect(Shape([2, 1]).broadcast(with: [3]) == [2, 3])
        #expect(Shape.scalar.broadcast(with: [4, 1]) == [4, 1])
        #expect(throws: Misfit.self) { try Broadcast.less.checkedTypes(of: [TensorType([2]), TensorType([3])]) }
        #expect(throws: Misfit.self) { try Expand(shape: [2]).checkedTypes(of: [TensorType([3])]) }
    }

    @Test func partsOfAWrongSizeAreRefused() {
        let x = [TensorType([4, 5])]
        #expect(throws: Misfit.self) { try Cut(starts: [3, 0], sizes: [2, nil], steps: [1, 1]).checkedTypes(of: x) }
        #expect(throws: Misfit.self) { try Cut(starts: [0], sizes: [2], steps: [1]).checkedTypes(of: x) }
        #expect(throws: Misfit.self) { try Reduce.reduceSum([2], keepsDimensions: false).checkedTypes(of: x) }
        #expect(throws: Misfit.self) { try Reduce.reduceSum([1, 1], keepsDimensions: false).checkedTypes(of: x) }
        #expect(throws: Misfit.self) { try Concatenate(axis: 0).checkedTypes(of: x + [TensorType([4, 6])]) }
        #expect(throws: Misfit.self) { try Gather(axis: 2).checkedTypes(of: x + [TensorType([1], .int32)]) }
        #expect(throws: Misfit.self) {
            try BatchMatrixMultiply(transposeA: false, transposeB: false).checkedTypes(of: x + x)
        }
    }

    @Test func argmaxIsTheFirstOfTheLargest() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([2, 3]))
        let program = Program(trace.finish(outputs: [x.argmax(), x.argmax(axis: 0)]), on: CPUBackend())
        program.inputs[0].copy(from: Tensor([1, 5, 5, 4, 2, 1] as [Float], shape: [2, 3]))
        try program.run()
        #expect(program.outputs[0].elements(of: Int32.self) == [1, 0])
        #expect(program.outputs[1].elements(of: Int32.self) == [1, 0, 0])
    }

    @Test func splitsAndJoinsAreInverse() throws {
        #expect(
            try evaluated([matrix]) { Symbol.concatenated($0[0].split(along: 1, into: 3), axis: -1) } == [
                1, 5, 3, 4, 2, 6,
            ])
        #expect(
            try evaluated([matrix]) { Symbol.stacked($0[0].split(along: 0, into: 2), axis: -1) } == [1, 4, 5, 2, 3, 6])
        #expect(try evaluated([matrix]) { $0[0].split(along: -1, sizes: [1, 2])[1] } == [5, 3, 2, 6])
    }

    @Test func softmaxRunsAlongAnyDimension() throws {
        let along = try evaluated([matrix]) { $0[0].softmax(axis: 0) }
        let turned = try evaluated([matrix]) { $0[0].transposed([1, 0]).softmax().transposed([1, 0]) }
        #expect(along == turned)
        let logarithms = try evaluated([matrix]) { $0[0].reshaped(to: [1, 2, 3]).logSoftmax(axis: 1).exp() }
        #expect(zip(along, logarithms).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func varianceIsThatOfTheRowOrOfASample() throws {
        let ofRow = try evaluated([matrix]) { $0[0].variance(over: [-1]) }
        let ofSample = try evaluated([matrix]) { $0[0].variance(over: [-1], correction: 1) }
        #expect(zip(ofRow, [8 / 3, 8 / 3] as [Float]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(zip(ofSample, [4, 4] as [Float]).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func matricesAreRepeatedOverTheBatch() throws {
        let x = Tensor((0..<12).map { Float($0) }, shape: [2, 2, 3])
        let expected: [Float] = [11, 14, 38, 50, 65, 86, 92, 122]
        let product = try evaluated([x, matrix]) { $0[0].batchMultiplied(by: $0[1], transposeB: true) }
        #expect(product == expected)
        let repeated = try evaluated([x, matrix]) {
            $0[0].batchMultiplied(by: $0[1].reshaped(to: [1, 2, 3]), transposeB: true)
        }
        #expect(repeated == expected)
    }

    @Test func extremesShareTheirGradient() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([1, 4]))
        let gradients = trace.gradients(of: x.maximum(over: [1]).sum(), withRespectTo: [x])
        let graph = trace.finish(outputs: gradients.compactMap(\.self))
        #expect(try graph.evaluated([Tensor([3, 1, 3, 2] as [Float], shape: [1, 4])]) == [[0.5, 0, 0.5, 0]])
    }
}
