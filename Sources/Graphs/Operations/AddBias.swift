import Kernels
import Tensors

/// x plus a vector along dimension `axis`.
struct AddBias: Operation, FinishesProduct {
    let axis: Int

    var inputCount: Int? { 2 }

    var finish: ProductFinish? { axis == 1 ? .bias : nil }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        try demand((0..<x.rank).contains(axis), "finds no such dimension in", inputs)
        try demand(inputs[1].shape == [x[axis]], "needs one number for each element of the axis, not", inputs)
        return [TensorType(x)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g, g.sum(toAxis: axis)] }

    func kernel(_ operands: Operands) -> () -> Void {
        let view = AxisView(operands.shape, axis: axis)
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

extension Operation where Self == AddBias {
    static func addBias(axis: Int) -> Self { Self(axis: axis) }
}
