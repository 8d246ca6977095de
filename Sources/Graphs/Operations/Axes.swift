import Kernels
import LayerKernels
import Memory
import Tensors

/// Elements along a dimension by their int32 numbers, of which those below 0 count from the end; one that is outside ends the
/// program.
struct Gather: Operation {
    let axis: Int

    var inputCount: Int? { 2 }

    func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        try demand((0..<x.rank).contains(axis), "finds no such dimension in", inputs)
        let (before, behind) = (Array(x.dimensions[..<axis]), Array(x.dimensions[(axis + 1)...]))
        return [TensorType(Shape(before + inputs[1].shape.dimensions + behind))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(Scatter(axis: axis, shape: x[0].shape), x[1]), nil]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = AxisGeometry(shape: operands.shape.dimensions, axis: axis)
        let (x, indices, y) = (operands.input(0), operands.integers(1), operands.result())
        return {
            var result = y.mutableSpan
            LayerKernels.gather(x.span, indices: indices.span, into: &result, geometry: geometry)
        }
    }

    /// MindSpore's kernel gives zeros for numbers below 0.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.gather, calls.x[0], calls.x[1], axis, 0)
    }
}

extension Gather {
    /// The gradient of a value of `shape` from that of the elements gathered and their numbers.
    struct Scatter: Operation {
        let axis: Int
        let shape: Shape

        var name: String { "scatterAdd" }

        var inputCount: Int? { 2 }

        func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [TensorType(shape)] }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = AxisGeometry(shape: shape.dimensions, axis: axis)
            let (g, indices, y) = (operands.input(0), operands.integers(1), operands.result())
            return {
                var result = y.mutableSpan
                LayerKernels.scatterAdd(g.span, indices: indices.span, into: &result, geometry: geometry)
            }
        }
    }
}

/// For each int32 number a row with 1 in its place and 0 elsewhere; zeros for a number that is none of the classes.
struct OneHotRows: Operation {
    let classes: Int

    /// The only number from ``classes`` on that may come; nil if any may.
    var onlyOther: Int?

    var name: String { "oneHot" }

    var inputCount: Int? { 1 }

    func elementType(ofInput index: Int) -> ElementType? { .int32 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(classes > 0, "needs classes for", inputs)
        return [TensorType(Shape(inputs[0].shape.dimensions + [classes]))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (labels, y) = (operands.integers(0), operands.result())
        return { [classes, onlyOther] in
            var rows = y.mutableSpan
            let numbers = labels.span
            Kernels.fill(&rows, with: 0)
            for index in numbers.indices where numbers[index] >= 0 {
                let number = Int(numbers[index])
                if number < classes {
                    rows[index * classes + number] = 1
                } else if let onlyOther, number != onlyOther {
                    misuse("the label \(number) is none of \(classes) classes, 0 to \(classes - 1)")
                }
            }
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.oneHot, calls.x[0], classes, Tensor(scalar: Float(1)), Tensor(scalar: Float(0)), -1)
    }
}

/// The sums of the elements along a dimension up to each, or from each on; without the element itself if `exclusive`.
struct CumulativeSum: Operation {
    let axis: Int
    let exclusive: Bool
    let reverse: Bool

    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand((0..<inputs[0].shape.rank).contains(axis), "finds no such dimension in", inputs)
        return [inputs[0]]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(CumulativeSum(axis: axis, exclusive: exclusive, reverse: !reverse))]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = AxisGeometry(shape: operands.shape.dimensions, axis: axis)
        return operands.unary { [exclusive, reverse] in
            LayerKernels.cumulativeSum($0, into: &$1, geometry: geometry, exclusive: exclusive, reverse: reverse)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.cumSum, calls.x[0], axis, exclusive, reverse)
    }
}

/// Where the largest element along a dimension is, an int32; the first of equals.
struct ArgMax: Operation {
    let axis: Int

    var name: String { "argmax" }

    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        var dimensions = inputs[0].shape.dimensions
        try demand(dimensions.indices.contains(axis), "finds no such dimension in", inputs)
        dimensions.remove(at: axis)
        return [TensorType(Shape(dimensions), .int32)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = AxisGeometry(shape: operands.shape.dimensions, axis: axis)
        let (x, y) = (operands.input(0), operands.integerResult(0))
        return {
            var places = y.mutableSpan
            LayerKernels.argmax(x.span, into: &places, geometry: geometry)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.argmax, calls.x[0], axis, TypeID.int32)
    }
}

/// The products of two rows of matrices, either of them transposed on reading: [..., m, k] · [..., k, n] → [..., m, n].
struct BatchMatrixMultiply: Operation {
    let transposeA: Bool
    let transposeB: Bool

    var inputCount: Int? { 2 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let (a, b) = (inputs[0].shape, inputs[1].shape)
        let batch = Array(a.dimensions.dropLast(2))
        try demand(
            a.rank >= 2 && a.rank == b.rank && batch == Array(b.dimensions.dropLast(2)),
            "needs as many matrices of one as of the other, not", inputs)
        try demand(a[transposeA ? -2 : -1] == b[transposeB ? -1 : -2], "needs matrices that fit, not", inputs)
        return [TensorType(Shape(batch + [a[transposeA ? -1 : -2], b[transposeB ? -2 : -1]]))]
    }

    /// As those of ``MatrixMultiply``, matrix by matrix.
    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        func product(_ a: Symbol, _ b: Symbol, _ transposeA: Bool, _ transposeB: Bool) -> Symbol {
            a.apply(BatchMatrixMultiply(transposeA: transposeA, transposeB: transposeB), b)
        }
        return [
            transposeA ? product(x[1], g, transposeB, true) : product(g, x[1], false, !transposeB),
            transposeB ? product(g, x[0], true, transposeA) : product(x[0], g, !transposeA, false),
        ]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (a, c) = (operands.shape, operands.results[0].shape)
        let (batch, m, n, k) = (c.dimensions.dropLast(2).reduce(1, *), c[-2], c[-1], a[transposeA ? -2 : -1])
        return operands.binary { [transposeA, transposeB, pool = operands.pool] in
            Kernels.batchedMatrixMultiply(
                $0, $1, into: &$2, batch: batch, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
                pool: pool)
        }
    }

    func operationCount(inputs: [Shape], results: [Shape]) -> Double? {
        2 * Double(results[0].elementCount) * Double(inputs[0][transposeA ? -2 : -1])
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.batchMatMul, calls.x[0], calls.x[1], transposeA, transposeB)
    }
}
