import Kernels
import Tensors

/// x plus a vector along dimension `axis`.
struct AddBias: Operation, FinishesProduct {
    let axis: Int

    var finish: ProductFinish? { axis == 1 ? .bias : nil }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        try demand((0..<x.rank).contains(axis), "finds no such dimension in", inputs)
        try demand(inputs[1].shape == [x[axis]], "needs one number for each element of the axis, not", inputs)
        return [TensorType(x)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g, g.sum(toAxis: axis)] }

    func kernel(_ operands: Operands) -> () -> Void {
        let view = View(operands.shape, axis: axis)
        guard view.inner > 1 else {
            return operands.binary {
                Kernels.addBias($0, bias: $1, into: &$2, rows: view.outer, columns: view.axis)
            }
        }
        return operands.binary {
            Kernels.addChannelBias($0, bias: $1, into: &$2, batch: view.outer, channels: view.axis, plane: view.inner)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let (x, bias) = (calls.x[0], calls.x[1])
        // BiasAdd knows [N, C] and [N, C, H, W].
        if axis == 1 && [2, 4].contains(x.type.rank) {
            return calls.call(.biasAdd, x, bias, DataFormat.nchw, giving: x.type)
        }
        return calls.call(.add, x, calls.alongAxis(axis, of: x.type, bias), giving: x.type)
    }
}

/// The sum over all dimensions but `axis`: a vector.
struct SumToAxis: Operation {
    let axis: Int

    var description: String { "sumToAxis(\(axis))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand((0..<inputs[0].shape.rank).contains(axis), "finds no such dimension in", inputs)
        return [TensorType([inputs[0].shape[axis]])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [x[0].trace.constant(Tensor(scalar: Float(0))).filling(x[0].shape).addingBias(g, axis: axis)]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let view = View(operands.shape, axis: axis)
        guard view.inner > 1 else {
            return operands.unary { [pool = operands.pool] in
                Kernels.sumLeadingAxis($0, into: &$1, rows: view.outer, columns: view.axis, pool: pool)
            }
        }
        return operands.unary {
            Kernels.sumChannels($0, into: &$1, batch: view.outer, channels: view.axis, plane: view.inner)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.sum(calls.x[0], over: (0..<calls.x[0].type.rank).filter { $0 != axis })
    }
}

/// A shape as [outer, axis, inner] around one axis.
struct View {
    let outer: Int
    let axis: Int
    let inner: Int

    init(_ shape: Shape, axis: Int) {
        outer = shape.dimensions[..<axis].reduce(1, *)
        self.axis = shape[axis]
        inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    }
}

extension Operation where Self == AddBias {
    static func addBias(axis: Int) -> Self { Self(axis: axis) }
}

extension Operation where Self == SumToAxis {
    static func sumToAxis(_ axis: Int) -> Self { Self(axis: axis) }
}
