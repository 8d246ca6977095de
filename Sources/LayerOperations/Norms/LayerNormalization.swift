import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

/// LayerNorm of the rows of a matrix from x, scale and shift; with mean and 1/deviation of each row.
struct LayerNormalization: Operation {
    let epsilon: Float

    var name: String { "layerNorm" }

    var inputCount: Int? { 3 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        let x = inputs[0].shape
        guard inputs[1].shape == [x[1]] && inputs[2].shape == [x[1]] else {
            throw Misfit(
                "\(name) of \(x) needs scale and shift of [\(x[1])], not \(inputs[1].shape) and \(inputs[2].shape)")
        }
        return [TensorType(x), TensorType([x[0]]), TensorType([x[0]])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        g.trace.apply(Gradient(), to: [g, x[0], x[1], y[1], y[2]])
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (x, scale, shift) = (operands.input(0), operands.input(1), operands.input(2))
        let (y, means, inverses) = (operands.result(0), operands.result(1), operands.result(2))
        return { [epsilon, pool = operands.pool] in
            var result = y.mutableSpan
            var mean = means.mutableSpan
            var inverse = inverses.mutableSpan
            LayerKernels.layerNorm(
                x.span, gamma: scale.span, beta: shift.span, into: &result, mean: &mean, inverseDeviation: &inverse,
                rows: rows, columns: columns, epsilon: epsilon, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let moment = MindSporeType([calls.type.dimensions[0], 1])
        return calls.callForFirst(
            .layerNorm, calls.x[0], calls.x[1], calls.x[2], 1, 1, epsilon, giving: [calls.type, moment, moment])
    }
}

extension LayerNormalization {
    /// The gradients of x, scale and shift from that of the result, x, scale, mean and 1/deviation.
    struct Gradient: Operation {
        var name: String { "layerNormGradient" }

        var inputCount: Int? { 5 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            [TensorType(inputs[0].shape), TensorType(inputs[2].shape), TensorType(inputs[2].shape)]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let (rows, columns) = operands.rowsAndColumns
            let (g, x, scale) = (operands.input(0), operands.input(1), operands.input(2))
            let (means, inverses) = (operands.input(3), operands.input(4))
            let (ofX, ofScale, ofShift) = (operands.result(0), operands.result(1), operands.result(2))
            return { [pool = operands.pool] in
                var xGradient = ofX.mutableSpan
                var scaleGradient = ofScale.mutableSpan
                var shiftGradient = ofShift.mutableSpan
                LayerKernels.layerNormGradient(
                    g.span, x: x.span, gamma: scale.span, mean: means.span, inverseDeviation: inverses.span,
                    into: &xGradient, gammaGradient: &scaleGradient, betaGradient: &shiftGradient, rows: rows,
                    columns: columns, pool: pool)
            }
        }
    }
}

extension Operation where Self == LayerNormalization {
    static func layerNorm(epsilon: Float) -> Self { Self(epsilon: epsilon) }
}

extension Operation where Self == LayerNormalization.Gradient {
    static var layerNormGradient: Self { Self() }
}
