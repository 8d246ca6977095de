import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

/// Each row of a matrix brought to a root mean square of 1, then each column scaled; with 1/root of each row.
struct RMSNormalization: Operation {
    let epsilon: Float

    var name: String { "rmsNorm" }

    var inputCount: Int? { 2 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        let x = inputs[0].shape
        try demand(inputs[1].shape == [x[1]], "needs one factor a column, not", inputs)
        return [inputs[0], TensorType([x[0]])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        g.trace.apply(Gradient(), to: [g, x[0], x[1], y[1]])
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (x, scale, y, inverses) = (operands.input(0), operands.input(1), operands.result(0), operands.result(1))
        return { [epsilon, pool = operands.pool] in
            var result = y.mutableSpan
            var inverse = inverses.mutableSpan
            LayerKernels.rmsNorm(
                x.span, gamma: scale.span, into: &result, inverseRoot: &inverse, rows: rows, columns: columns,
                epsilon: epsilon, pool: pool)
        }
    }

    /// MindSpore's RmsNorm runs on an Ascend alone.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let (x, column) = (calls.x[0], MindSporeType([calls.type.dimensions[0], 1]))
        let squares = calls.call(.square, x)
        let mean = calls.call(.reduceMean, squares, [1], true, giving: column)
        let raised = calls.call(.add, mean, Tensor(scalar: epsilon), giving: column)
        let root = calls.call(.sqrt, raised, giving: column)
        let normal = calls.call(.div, x, root)
        return calls.call(.mul, normal, calls.x[1])
    }
}

extension RMSNormalization {
    /// The gradients of x and scale from that of the result, x, scale and 1/root.
    struct Gradient: Operation {
        var name: String { "rmsNormGradient" }

        var inputCount: Int? { 4 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [inputs[0], inputs[2]] }

        func kernel(_ operands: Operands) -> () -> Void {
            let (rows, columns) = operands.rowsAndColumns
            let (g, x, scale) = (operands.input(0), operands.input(1), operands.input(2))
            let (inverses, ofX, ofScale) = (operands.input(3), operands.result(0), operands.result(1))
            return { [pool = operands.pool] in
                var xGradient = ofX.mutableSpan
                var scaleGradient = ofScale.mutableSpan
                LayerKernels.rmsNormGradient(
                    g.span, x: x.span, gamma: scale.span, inverseRoot: inverses.span, into: &xGradient,
                    gammaGradient: &scaleGradient, rows: rows, columns: columns, pool: pool)
            }
        }
    }
}

extension Operation where Self == RMSNormalization {
    static func rmsNorm(epsilon: Float) -> Self { Self(epsilon: epsilon) }
}
