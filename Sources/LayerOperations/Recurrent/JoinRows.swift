import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

/// Two values that differ in their last dimension at most, side by side in it: what both directions of a recurrent layer say.
struct JoinRows: Operation {
    var inputCount: Int? { 2 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let (a, b) = (inputs[0].shape.dimensions, inputs[1].shape.dimensions)
        try demand(!a.isEmpty && a.dropLast() == b.dropLast(), "needs two values of as many rows, not", inputs)
        return [TensorType(Shape(a.dropLast() + [a[a.count - 1] + b[b.count - 1]]))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        let (a, b) = (x[0].shape.dimensions, x[1].shape.dimensions)
        return g.trace.apply(Gradient(first: a[a.count - 1], second: b[b.count - 1]), to: [g])
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let plans = RowPlans(operands.inputs[0].shape, operands.inputs[1].shape)
        let (a, b, y) = (operands.input(0), operands.input(1), operands.result())
        return { [pool = operands.pool] in
            var result = y.mutableSpan
            plans.first.join.copy(a.span, into: &result, pool: pool)
            plans.second.join.copy(b.span, into: &result, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let both = calls.tuple([calls.x[0], calls.x[1]])
        return calls.call(.concat, both, calls.type.rank - 1)
    }
}

extension JoinRows {
    /// Rows taken apart again: their first so many elements, and their last.
    struct Gradient: Operation {
        let first: Int
        let second: Int

        var name: String { "joinRowsGradient" }

        var inputCount: Int? { 1 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            let rows = inputs[0].shape.dimensions.dropLast()
            return [TensorType(Shape(rows + [first])), TensorType(Shape(rows + [second]))]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let plans = RowPlans(operands.results[0].shape, operands.results[1].shape)
            let (g, ofFirst, ofSecond) = (operands.input(), operands.result(0), operands.result(1))
            return { [pool = operands.pool] in
                var first = ofFirst.mutableSpan
                var second = ofSecond.mutableSpan
                plans.first.part.copy(g.span, into: &first, pool: pool)
                plans.second.part.copy(g.span, into: &second, pool: pool)
            }
        }
    }
}

/// The copies of two parts into rows that are made of them, and back.
private struct RowPlans {
    let first: (join: CopyPlan, part: CopyPlan)
    let second: (join: CopyPlan, part: CopyPlan)

    init(_ first: Shape, _ second: Shape) {
        let widths = [first, second].map { $0.dimensions[$0.rank - 1] }
        let rows = first.dimensions.dropLast().reduce(1, *)
        let plans = [0, widths[0]].enumerated().map { index, start in
            let shape = [rows, widths[index]]
            let place = StridedPlace(in: [rows, widths[0] + widths[1]], starts: [0, start])
            let own = StridedPlace(whole: shape)
            return (
                join: CopyPlan(shape: shape, from: own, to: place), part: CopyPlan(shape: shape, from: place, to: own)
            )
        }
        (self.first, self.second) = (plans[0], plans[1])
    }
}

extension Operation where Self == JoinRows {
    static var joinRows: Self { Self() }
}
