import Kernels
import LayerKernels
import Memory
import Tensors

/// Every `steps`th element of each dimension from `starts` on, `sizes` of them; nil for a dimension that is taken whole, whatever
/// its size.
struct Cut: Operation {
    let starts: [Int]
    let sizes: [Int?]
    let steps: [Int]

    var name: String { "slice" }

    var inputCount: Int? { 1 }

    var description: String {
        let counts = sizes.map { size in size.map { "\($0)" } ?? "all" }
        return "\(name)(from: \(starts), sizes: \(counts.joined(separator: ", ")), by: \(steps))"
    }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        try demand(
            [starts.count, sizes.count, steps.count].allSatisfy { $0 == x.rank }, "has not the dimensions of", inputs)
        let fits = x.dimensions.indices.allSatisfy { axis in
            guard let size = sizes[axis] else { return starts[axis] == 0 && steps[axis] == 1 }
            return starts[axis] >= 0 && size >= 1 && steps[axis] >= 1
                && starts[axis] + (size - 1) * steps[axis] < x[axis]
        }
        try demand(fits, "reaches beyond", inputs)
        return [TensorType(Shape(x.dimensions.indices.map { sizes[$0] ?? x[$0] }))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        let after = starts.indices.map { axis in
            sizes[axis].map { x[0].shape[axis] - 1 - starts[axis] - ($0 - 1) * steps[axis] } ?? 0
        }
        return [g.apply(Pad(before: starts, after: after, steps: steps, value: 0))]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let shape = operands.results[0].shape.dimensions
        let source = StridedPlace(in: operands.shape.dimensions, starts: starts, steps: steps)
        let plan = CopyPlan(shape: shape, from: source, to: StridedPlace(whole: shape))
        return operands.unary { [pool = operands.pool] in plan.copy($0, into: &$1, pool: pool) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        if steps.allSatisfy({ $0 == 1 }) { return calls.call(.slice, calls.x[0], starts, sizes.map { $0 ?? -1 }) }
        let ends = starts.indices.map { axis in starts[axis] + (sizes[axis].map { ($0 - 1) * steps[axis] + 1 } ?? 1) }
        // A bit for each dimension of which the end is not looked at.
        let open = sizes.enumerated().reduce(0) { $1.element == nil ? $0 | 1 << $1.offset : $0 }
        return calls.call(.stridedSlice, calls.x[0], starts, ends, steps, 0, open, 0, 0, 0)
    }
}

/// A value inside a larger one, the rest of which is one number: its elements are `steps` apart, with `before` places before the
/// first and `after` behind the last one of each dimension.
struct Pad: Operation {
    let before: [Int]
    let after: [Int]
    let steps: [Int]
    let value: Float

    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        try demand(
            [before.count, after.count, steps.count].allSatisfy { $0 == x.rank }, "has not the dimensions of", inputs)
        try demand(
            (before + after).allSatisfy { $0 >= 0 } && steps.allSatisfy { $0 >= 1 }, "takes places away from", inputs)
        return [
            TensorType(
                Shape(
                    x.dimensions.indices.map { axis in
                        before[axis] + max(x[axis] - 1, 0) * steps[axis] + min(x[axis], 1) + after[axis]
                    }))
        ]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        let sizes: [Int?] = before.indices.map { axis in
            before[axis] == 0 && after[axis] == 0 && steps[axis] == 1 ? nil : x[0].shape[axis]
        }
        return [g.apply(Cut(starts: before, sizes: sizes, steps: steps))]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let shape = operands.shape.dimensions
        let target = StridedPlace(in: operands.results[0].shape.dimensions, starts: before, steps: steps)
        let plan = CopyPlan(shape: shape, from: StridedPlace(whole: shape), to: target)
        return operands.unary { [value, pool = operands.pool] in
            Kernels.fill(&$1, with: value)
            plan.copy($0, into: &$1, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        guard steps.allSatisfy({ $0 == 1 }) else { throw NoMindSporeForm("it takes elements apart") }
        // From the last dimension on.
        let paddings = before.indices.reversed().flatMap { [before[$0], after[$0]] }
        return calls.call(
            .padV3, calls.x[0], paddings, Tensor(scalar: value),
            attributes: ["mode": "constant", "paddings_contiguous": true])
    }
}

/// Values one behind the other along a dimension.
struct Concatenate: Operation {
    let axis: Int

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let shape = inputs[0].shape
        try demand((0..<shape.rank).contains(axis), "finds no such dimension in", inputs)
        try demand(
            inputs.allSatisfy { $0.shape.replacing(axis, with: 0) == shape.replacing(axis, with: 0) },
            "needs values that differ along its dimension alone, not", inputs)
        return [TensorType(shape.replacing(axis, with: inputs.reduce(0) { $0 + $1.shape[axis] }))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        var start = 0
        return x.map { part in
            defer { start += part.shape[axis] }
            return g.sliced(along: axis, from: start, count: part.shape[axis])
        }
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let whole = operands.results[0].shape.dimensions
        var starts = whole.map { _ in 0 }
        let parts = operands.inputs.indices.map { index in
            let shape = operands.inputs[index].shape.dimensions
            defer { starts[axis] += shape[axis] }
            return (
                source: operands.input(index),
                plan: CopyPlan(
                    shape: shape, from: StridedPlace(whole: shape), to: StridedPlace(in: whole, starts: starts))
            )
        }
        let y = operands.result()
        return { [pool = operands.pool] in
            var result = y.mutableSpan
            for part in parts { part.plan.copy(part.source.span, into: &result, pool: pool) }
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        guard calls.x.count > 1 else { throw NoMindSporeForm("it joins a single value") }
        let parts = calls.tuple(calls.x)
        return calls.call(.concat, parts, axis)
    }
}

extension Shape {
    /// The shape with another size in one dimension.
    func replacing(_ axis: Int, with size: Int) -> Shape {
        Shape(dimensions.indices.map { $0 == axis ? size : dimensions[$0] })
    }
}
