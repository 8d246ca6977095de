import Graphs
import Kernels
import Tensors

/// The softmax of each row of a matrix.
struct RowSoftmax: Operation {
    var name: String { "softmax" }

    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        return [inputs[0]]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.apply(Gradient(), y[0])] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return operands.unary { Kernels.softmax($0, into: &$1, rows: rows, columns: columns) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.softmax, calls.x[0], [-1])
    }
}

extension RowSoftmax {
    /// The gradient from that of the result and the result.
    struct Gradient: Operation {
        var name: String { "softmaxGradient" }

        var inputCount: Int? { 2 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            try demandMatrix(inputs)
            try demand(inputs[0] == inputs[1], "needs two values of one shape, not", inputs)
            return [inputs[0]]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let (rows, columns) = operands.rowsAndColumns
            return operands.binary { Kernels.softmaxGradient($0, output: $1, into: &$2, rows: rows, columns: columns) }
        }
    }
}

extension Operation where Self == RowSoftmax {
    static var softmax: Self { Self() }
}

extension Operation where Self == RowSoftmax.Gradient {
    static var softmaxGradient: Self { Self() }
}
