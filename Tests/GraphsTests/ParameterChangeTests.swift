import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// Parameters that a graph changes between its forward and its backward pass.
@Suite struct ParameterChangeTests {
    private static func scalar() -> Parameter { Parameter(name: "p", value: Tensor(scalar: Float(3))) }

    /// The gradient would be g · p as it is after the change.
    @Test func aGradientThatReadsWhatHasChangedIsRefused() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let (trace, parameter) = (Trace(), Self.scalar())
            let (x, p) = (trace.input("x", TensorType([2])), trace.symbol(for: parameter))
            let y = trace.scope("head") { x.scaled(by: p) }
            trace.assign(p * 0.9, to: parameter)
            _ = trace.gradients(of: y.sum(), withRespectTo: [x])
        }
        expect(
            result, says: "the gradient of scaleBy in head reads p Float32[] as it was, but the graph changes it before"
        )
    }

    @Test func viewsDoNotHideTheParameter() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            let parameter = Parameter(name: "p", value: Tensor([3] as [Float], shape: [1]))
            let (x, p) = (trace.input("x", TensorType([2])), trace.symbol(for: parameter))
            let y = x.scaled(by: p.reshaped(to: .scalar))
            trace.apply(.assign, to: [p.reshaped(to: [1, 1]), (p * 0.9).reshaped(to: [1, 1])])
            _ = trace.gradients(of: y.sum(), withRespectTo: [x])
        }
        expect(result, says: "the gradient of scaleBy reads p Float32[1] as it was")
    }

    /// d/dx Σ p · x = p as it was.
    @Test func aCopyKeepsWhatTheGradientReads() throws {
        let (trace, parameter) = (Trace(), Self.scalar())
        let (x, p) = (trace.input("x", TensorType([2])), trace.symbol(for: parameter))
        let y = x.scaled(by: p + 0)
        trace.assign(p * 10, to: parameter)
        let gradients = trace.gradients(of: y.sum(), withRespectTo: [x]).compactMap(\.self)
        let graph = trace.finish(outputs: gradients)
        #expect(try graph.evaluated([Tensor([1, 2] as [Float], shape: [2])]) == [[3, 3]])
        #expect(parameter.tensor.elements(of: Float.self) == [30])
    }

    /// A sum's gradient reads neither of its inputs, and what is read after the change has changed on both ways.
    @Test func whatTheGradientDoesNotReadMayChange() throws {
        let (trace, parameter) = (Trace(), Self.scalar())
        let (x, p) = (trace.input("x", TensorType(.scalar)), trace.symbol(for: parameter))
        let before = x + p
        trace.assign(p * 10, to: parameter)
        let loss = before.scaled(by: p)
        let gradients = trace.gradients(of: loss, withRespectTo: [x]).compactMap(\.self)
        let graph = trace.finish(outputs: [loss] + gradients)
        #expect(try graph.evaluated([Tensor(scalar: Float(1))]) == [[120], [30]])
    }

    @Test func changedParametersAreThoseThatUpdatesWrite() {
        let trace = Trace()
        let parameters = (0..<5).map { Parameter(name: "p\($0)", value: Tensor(zeros: [2])) }
        let symbols = parameters.map(trace.symbol)
        trace.assign(symbols[1], to: parameters[0])
        trace.move(parameters[2], towards: symbols[1], share: 0.5)
        trace.apply(.accumulate, to: [symbols[0], symbols[4]])
        trace.apply(
            .momentumUpdate(momentum: 0.9, weightDecay: 0, nesterov: false),
            to: [
                symbols[3], symbols[2], symbols[1] * 2, trace.constant(Tensor(scalar: Float(1))),
            ])
        #expect(trace.finish(outputs: []).changedParameters.map(\.name) == ["p0", "p2", "p3"])
    }

    private func expect(_ result: ExitTest.Result?, says sentence: String) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains(sentence), "\(text)")
    }
}
