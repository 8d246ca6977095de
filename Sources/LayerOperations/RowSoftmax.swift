import Graphs
import Kernels
import LayerKernels
import Tensors

/// The softmax of each row of a matrix, or its logarithm.
enum RowSoftmax: String, Operation {
    case probability = "softmax"
    case logarithm = "logSoftmax"

    var name: String { rawValue }

    var description: String { name }

    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        return [inputs[0]]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.apply(Gradient(of: self), y[0])] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return switch self {
        case .probability: operands.unary { Kernels.softmax($0, into: &$1, rows: rows, columns: columns) }
        case .logarithm: operands.unary { Kernels.logSoftmax($0, into: &$1, rows: rows, columns: columns) }
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        switch self {
        case .probability: calls.call(.softmax, calls.x[0], [-1])
        case .logarithm: calls.call(.logSoftmax, calls.x[0], -1)
        }
    }
}

extension RowSoftmax {
    /// The gradient from that of the result and the result.
    struct Gradient: Operation {
        let function: RowSoftmax

        init(of function: RowSoftmax) { self.function = function }

        var name: String { "\(function)Gradient" }

        var description: String { name }

        var inputCount: Int? { 2 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            try demandMatrix(inputs)
            try demand(inputs[0] == inputs[1], "needs two values of one shape, not", inputs)
            return [inputs[0]]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let (rows, columns) = operands.rowsAndColumns
            return operands.binary { [function, pool = operands.pool] g, y, result in
                switch function {
                case .probability: Kernels.softmaxGradient(g, output: y, into: &result, rows: rows, columns: columns)
                case .logarithm:
                    LayerKernels.logSoftmaxGradient(
                        g, output: y, into: &result, rows: rows, columns: columns, pool: pool)
                }
            }
        }
    }
}

extension Operation where Self == RowSoftmax {
    static var softmax: Self { .probability }
    static var logSoftmax: Self { .logarithm }
}
