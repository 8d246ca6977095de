import Kernels
import Tensors

/// The sum of all elements: a scalar.
struct Sum: Operation {
    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [TensorType(.scalar)] }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.filling(x[0].shape)] }

    func kernel(_ operands: Operands) -> () -> Void { operands.unary { $1[0] = Kernels.sum(of: $0) } }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.sum(calls.x[0], over: Array(0..<calls.x[0].type.rank))
    }
}

/// The sum of the squares of all elements: a scalar.
struct SumOfSquares: Operation {
    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [TensorType(.scalar)] }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [(x[0] * 2).scaled(by: g)] }

    func kernel(_ operands: Operands) -> () -> Void { operands.unary { $1[0] = Kernels.sumOfSquares(of: $0) } }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let x = calls.x[0]
        return calls.sum(calls.call(.square, x, giving: x.type), over: Array(0..<x.type.rank))
    }
}

/// The sum of each row, everything behind dimension 0: a vector.
struct SumRows: Operation {
    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[0].shape.rank >= 1, "needs rows, not", inputs)
        return [TensorType([inputs[0].shape[0]])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [x[0].trace.constant(Tensor(scalar: Float(1))).filling(x[0].shape).scalingRows(by: g)]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return operands.unary { Kernels.sumLastAxis($0, into: &$1, rows: rows, columns: columns) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.sum(calls.x[0], over: Array(1..<calls.x[0].type.rank))
    }
}

/// x times a scalar tensor.
struct ScaleBy: Operation {
    var inputCount: Int? { 2 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[1].shape == .scalar, "needs a scalar second, not", inputs)
        return [TensorType(inputs[0].shape)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.scaled(by: x[1]), (g * x[0]).sum()] }

    func kernel(_ operands: Operands) -> () -> Void { operands.binary { Kernels.scale($0, by: $1[0], into: &$2) } }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.mul, calls.x[0], calls.x[1])
    }
}

/// Row i of x, everything behind dimension 0, times element i of a vector.
struct ScaleRows: Operation {
    var inputCount: Int? { 2 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[0].shape.rank >= 1, "needs rows, not", inputs)
        try demand(inputs[1].shape == [inputs[0].shape[0]], "needs one factor a row, not", inputs)
        return [TensorType(inputs[0].shape)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.scalingRows(by: x[1]), (g * x[0]).sumRows()]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return operands.binary { Kernels.scaleRows($0, by: $1, into: &$2, rows: rows, columns: columns) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.mul, calls.x[0], calls.alongAxis(0, of: calls.x[0].type, calls.x[1]))
    }
}

extension Operation where Self == Sum {
    static var sum: Self { Self() }
}

extension Operation where Self == SumOfSquares {
    static var sumOfSquares: Self { Self() }
}

extension Operation where Self == SumRows {
    static var sumRows: Self { Self() }
}

extension Operation where Self == ScaleBy {
    static var scaleBy: Self { Self() }
}

extension Operation where Self == ScaleRows {
    static var scaleRows: Self { Self() }
}
