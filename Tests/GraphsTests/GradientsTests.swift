import Graphs
import Tensors
import Testing

@Suite struct GradientsTests {
    /// x² + x · tanh x + x, with x used five times.
    @Test func everyUseOfAValueAddsToItsGradient() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([7]))
        let loss = (x * x + x * x.tanh() + x).sum()
        let gradients = trace.gradients(of: loss, withRespectTo: [x])
        let tensor = random([7])
        let actual = try trace.finish(outputs: gradients.compactMap(\.self)).evaluated([tensor])
        let expected = PlainEvaluation(slope(), inputs: [doubles(tensor)]).outputs[0]
        #expect(largestError(actual[0], expected) < 1e-6)
    }

    /// 2x + tanh x + x (1 − tanh² x) + 1
    private func slope() -> Graph {
        let trace = Trace()
        let x = trace.input("x", TensorType([7]))
        let t = x.tanh()
        return trace.finish(outputs: [x * 2 + t + x * (-t.square() + 1) + 1])
    }

    @Test func targetInTheMiddleHasAGradientToo() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([2]))
        let middle = x * 3
        let gradients = trace.gradients(of: middle.square().sum(), withRespectTo: [middle, x])
        let graph = trace.finish(outputs: gradients.compactMap(\.self))
        #expect(try graph.evaluated([Tensor([1, -2] as [Float], shape: [2])]) == [[6, -12], [18, -36]])
    }

    @Test func lossIsItsOwnTarget() throws {
        let trace = Trace()
        let loss = trace.input("x", TensorType([2])).sum()
        let gradients = trace.gradients(of: loss, withRespectTo: [loss, loss])
        #expect(try trace.finish(outputs: gradients.compactMap(\.self)).evaluated() == [[1], [1]])
    }

    @Test func targetWithoutInfluenceHasNoGradient() {
        let trace = Trace()
        let (x, y) = (trace.input("x", TensorType([2])), trace.input("y", TensorType([2])))
        _ = y * x
        var ready: [Int] = []
        let gradients = trace.gradients(of: x.sum(), withRespectTo: [y, x]) { target, _ in ready.append(target) }
        #expect(gradients[0] == nil && gradients[1] != nil)
        #expect(ready == [1])
    }

    @Test func gradientsAreReadyOnceAndLastLayerFirst() {
        let trace = Trace()
        let weights = (0..<3).map { trace.input("w\($0)", TensorType([2, 2])) }
        var x = trace.input("x", TensorType([2, 2]))
        for weight in weights { x = x.matrixMultiplied(by: weight).relu() }
        var ready: [Int] = []
        var handed: [Value] = []
        let gradients = trace.gradients(of: x.sum(), withRespectTo: weights) { target, gradient in
            ready.append(target)
            handed.append(gradient.value)
        }
        #expect(ready == [2, 1, 0])
        #expect(handed == gradients.reversed().compactMap { $0?.value })
    }

    /// A reduction started in `whenReady` runs beside the backward pass of the earlier layers.
    @Test func readyGradientComesBeforeThoseOfEarlierLayers() throws {
        let trace = Trace()
        let weights = (0..<2).map { trace.input("w\($0)", TensorType([2, 2])) }
        let x = trace.input("x", TensorType([2, 2]))
        let loss = x.matrixMultiplied(by: weights[0]).tanh().matrixMultiplied(by: weights[1]).sum()
        var marks: [Symbol] = []
        let gradients = trace.gradients(of: loss, withRespectTo: weights) { marks.append($1 * 1) }
        let ofFirst = try #require(gradients[0])
        #expect(marks.count == 2 && marks[0].value.node < ofFirst.value.node)
    }

    /// A weight of two layers is ready only when the earlier one has added its share.
    @Test func sharedWeightIsReadyWhenItsFirstUseIsPassed() throws {
        let trace = Trace()
        let (shared, own) = (trace.input("shared", TensorType([2, 2])), trace.input("own", TensorType([2, 2])))
        let x = trace.input("x", TensorType([2, 2]))
        let hidden = x.matrixMultiplied(by: shared).matrixMultiplied(by: own).matrixMultiplied(by: shared)
        var ready: [Int] = []
        var handed: [Symbol] = []
        let gradients = trace.gradients(of: hidden.sum(), withRespectTo: [shared, own]) {
            ready.append($0)
            handed.append($1)
        }
        #expect(ready == [1, 0])
        #expect(handed.last?.value == gradients[0]?.value)
    }
}
