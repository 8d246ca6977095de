import Memory
import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// An operation that says as little as it can: the gradient is its own kernel again.
private struct Doubled: Graphs.Operation {
    var times = 2

    func kernel(_ operands: Operands) -> () -> Void {
        operands.unary { [times] x, y in
            for index in x.indices { y[index] = x[index] * Float(times) }
        }
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.apply(self)] }
}

/// Two halves of a vector, on both of which a loss may depend.
private struct Halves: Graphs.Operation {
    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[0].shape.elementCount % 2 == 0, "needs an even number of elements, not", inputs)
        let half = TensorType([inputs[0].shape.elementCount / 2])
        return [half, half]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (x, first, second) = (operands.input(), operands.result(0), operands.result(1))
        return {
            first.copy(from: x[0..<first.count])
            second.copy(from: x[first.count..<x.count])
        }
    }

    func inputGradients(x: [Symbol], y: [Symbol], gradients: [Symbol?]) -> [Symbol?] {
        let parts = gradients.enumerated().map { $1 ?? y[$0] * 0 }
        return [parts[0].apply(Joined(), parts[1])]
    }
}

/// Two results, of which only the first has a gradient.
private struct HalfKnown: Graphs.Operation {
    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [inputs[0], inputs[0]] }
    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g] }
}

/// Each row on one of the threads.
private struct DoubledRows: Graphs.Operation {
    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let context = (x: operands.input(), y: operands.result(), columns: columns)
        return { [workers = operands.workers] in
            workers.forEach(rows, with: context) { context, row in
                let (x, y) = (context.x, context.y)
                var result = y.mutableSpan
                for index in row * context.columns..<(row + 1) * context.columns { result[index] = x.span[index] * 2 }
            }
        }
    }
}

private struct Holding: Graphs.Operation {
    let setting: Any
}

private struct Single {
    let number: Int
}

private struct Pair {
    let first: [String: Int]
    let second: Int?
}

private struct Joined: Graphs.Operation {
    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        [TensorType([inputs[0].shape.elementCount + inputs[1].shape.elementCount])]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (a, b, y) = (operands.input(0), operands.input(1), operands.result())
        return {
            y[0..<a.count].copy(from: a)
            y[a.count..<y.count].copy(from: b)
        }
    }
}

@Suite struct OwnOperationTests {
    @Test func defaultsDescribeIt() {
        #expect(Doubled().name == "doubled")
        #expect("\(Doubled(times: 3))" == "doubled(times: 3)")
        #expect("\(Joined())" == "joined")
        #expect(Doubled().structure == "doubled(times: 2)")
        #expect(!Doubled().isView && !Doubled().isUpdate)
    }

    /// Swift's own text of these is another one in each process, or the same for all.
    @Test func settingsHaveOneTextInEveryProcess() {
        func text(_ setting: Any) -> String { "\(Holding(setting: setting))" }
        let words = ["one", "two", "three", "four", "five", "six"]
        #expect(
            text(Set(words)) == "holding(setting: [\"five\", \"four\", \"one\", \"six\", \"three\", \"two\"])")
        #expect(text(["b": 1, "a": 2, "c": 0]) == "holding(setting: [\"a\": 2, \"b\": 1, \"c\": 0])")
        #expect(text([Set([3, 1, 2])] as [Any]) == "holding(setting: [[1, 2, 3]])")
        #expect(
            text(Pair(first: ["b": 1, "a": 2], second: nil))
                == "holding(setting: GraphsTests.Pair(first: [\"a\": 2, \"b\": 1], second: nil))")
        // Private types have addresses in Swift's text.
        #expect(text(Single(number: 1)) == "holding(setting: GraphsTests.Single(number: 1))")
        let one = text(Tensor([1, 2] as [Float], shape: [2]))
        #expect(one.hasPrefix("holding(setting: Float32[2] ") && one != text(Tensor([1, 3] as [Float], shape: [2])))
        #expect(text(Optional(Tensor([1, 2] as [Float], shape: [2])) as Any) != text(Optional<Tensor>.none as Any))
    }

    /// What needs no care has the text that stands in older sets.
    @Test func otherSettingsHaveSwiftsText() {
        let settings: [Any] = [
            2, 0.5 as Float, "x", [1, 2], [0.5 as Float], Optional(3) as Any, Optional<Int>.none as Any, (1, "a"),
            Pooling(kernel: [2, 2], stride: [1, 1]), Shape([1, 2]), DropoutSettings(rate: 0.5), SGDSettings(),
        ]
        for setting in settings {
            #expect("\(Holding(setting: setting))" == "holding(setting: \(String(reflecting: setting)))")
        }
    }

    /// Runs that began with version 0.1.0 are carried on: these texts stand in their sets.
    @Test func textsOfOlderSetsStay() {
        let texts: [(any Graphs.Operation, String)] = [
            (
                MaxPool(settings: Pooling(kernel: [2, 2], stride: [2, 1])),
                "maxPool(Graphs.Pooling(kernel: [2, 2], stride: [2, 1], padding: [0, 0, 0, 0]))"
            ),
            (
                Convolve(settings: Convolution()),
                "convolution(Graphs.Convolution(stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1]))"
            ),
            (AddBias(axis: 1), "addBias(axis: 1)"), (GatherRows(first: 2), "gatherRows(first: 2)"),
            (LayerNormalization(epsilon: 1e-5), "layerNorm(epsilon: 1e-05)"),
            (
                MatrixMultiply(transposeA: false, transposeB: true),
                "matrixMultiply(transposeA: false, transposeB: true)"
            ),
        ]
        for (operation, text) in texts { #expect("\(operation)" == text) }
    }

    @Test func countsAreAssignedToo() throws {
        let count = Parameter(name: "count", value: Tensor([Int32(1), 2], shape: [2]))
        let trace = Trace()
        trace.assign(trace.input("n", TensorType([2], .int32)), to: count)
        let program = Program(trace.finish(outputs: []), on: CPUBackend())
        program.inputs[0].copy(from: Tensor([Int32(7), 8], shape: [2]))
        try program.run()
        #expect(count.tensor.elements(of: Int32.self) == [7, 8])
    }

    @Test func rowsAreSpreadOverThreads() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([5, 3]))
        let program = Program(trace.finish(outputs: [x.apply(DoubledRows())]), on: CPUBackend(threads: 3))
        let numbers = (0..<15).map { Float($0) }
        #expect(try program.outputs(for: [Tensor(numbers, shape: [5, 3])]) == [numbers.map { $0 * 2 }])
    }

    @Test func theLossOfASecondResultIsNotLost() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            let x = trace.input("x", TensorType([4]))
            let parts = trace.apply(HalfKnown(), to: [x])
            _ = trace.gradients(of: parts[1].sum(), withRespectTo: [x])
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(
            text.contains("the loss depends on result 2 of halfKnown, which says the gradients of its first alone"),
            "\(text)")
    }

    @Test func defaultTypesAreThoseOfTheInputs() throws {
        #expect(try Doubled().checkedTypes(of: [TensorType([2, 3])]) == [TensorType([2, 3])])
        #expect(throws: Misfit.self) { try Doubled().checkedTypes(of: [TensorType([2], .int32)]) }
        #expect(throws: Misfit.self) { try Doubled().checkedTypes(of: [TensorType([2]), TensorType([3])]) }
        #expect(throws: Misfit.self) { try Doubled().checkedTypes(of: []) }
    }

    @Test func itRunsAndHasItsGradient() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([3]))
        let y = x.apply(Doubled(times: 3))
        let gradients = trace.gradients(of: (y * y).sum(), withRespectTo: [x])
        let graph = trace.finish(outputs: [y] + gradients.compactMap(\.self))
        #expect(try graph.evaluated([Tensor([1, 2, -4] as [Float], shape: [3])]) == [[3, 6, -12], [18, 36, -72]])
    }

    /// Σ first · 2 + Σ second², whichever of the two counts.
    @Test(arguments: [[0], [1], [0, 1]]) func gradientsOfAllResultsArrive(used: [Int]) throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([4]))
        let halves = trace.apply(Halves(), to: [x])
        let terms = [(halves[0] * 2).sum(), halves[1].square().sum()]
        let loss = used.dropFirst().reduce(terms[used[0]]) { $0 + terms[$1] }
        let gradients = trace.gradients(of: loss, withRespectTo: [x])
        let graph = trace.finish(outputs: gradients.compactMap(\.self))
        let expected: [Float] = (used.contains(0) ? [2, 2] : [0, 0]) + (used.contains(1) ? [-2, 10] : [0, 0])
        #expect(try graph.evaluated([Tensor([7, 3, -1, 5] as [Float], shape: [4])]) == [expected])
    }

    @Test func misfitNamesOperationAndTypes() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            trace.apply(Halves(), to: [trace.input("x", TensorType([5]))])
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("halves needs an even number of elements, not Float32[5]"), "\(text)")
    }

    @Test func gradientThatNobodyWroteIsMissed() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let trace = Trace()
            let x = trace.input("x", TensorType([2]))
            _ = trace.gradients(of: x.apply(Joined(), x).sum(), withRespectTo: [x])
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("joined has no gradient"), "\(text)")
    }

    /// What reads a parameter before an assignment sees the old value, what reads it after the new one.
    @Test func assignmentMovesAParameterInItsPlace() throws {
        let parameter = Parameter(name: "p", value: Tensor([1, 2] as [Float], shape: [2]))
        let trace = Trace()
        let p = trace.symbol(for: parameter)
        let before = p * 10
        trace.assign(p + 1, to: parameter)
        let program = Program(trace.finish(outputs: [before, p * 10]), on: CPUBackend())
        #expect(try program.outputs() == [[10, 20], [20, 30]])
        #expect(try program.outputs() == [[20, 30], [30, 40]])
        #expect(parameter.tensor.elements(of: Float.self) == [3, 4])
    }

    @Test func unaryAndBinaryMakeOneOfAKernelAndAGradient() throws {
        let cube = Unary("cube", { x, y in for index in x.indices { y[index] = x[index] * x[index] * x[index] } }) {
            x, y, g in g * x.square() * 3
        }
        let weighted = Binary("weighted", { a, b, y in for index in a.indices { y[index] = a[index] + 2 * b[index] } })
        {
            x, y, g in [g, g * 2]
        }
        let trace = Trace()
        let (a, b) = (trace.input("a", TensorType([2])), trace.input("b", TensorType([2])))
        let loss = a.apply(cube).apply(weighted, b).sum()
        let gradients = trace.gradients(of: loss, withRespectTo: [a, b])
        let graph = trace.finish(outputs: [loss] + gradients.compactMap(\.self))
        let inputs = [Tensor([2, -1] as [Float], shape: [2]), Tensor([5, 1] as [Float], shape: [2])]
        #expect(try graph.evaluated(inputs) == [[19], [12, 3], [2, 2]])
    }
}
