import Kernels
import Tensors

/// The sum over all dimensions but `axis`: a vector.
struct SumToAxis: Operation {
    let axis: Int

    var inputCount: Int? { 1 }

    var description: String { "sumToAxis(\(axis))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand((0..<inputs[0].shape.rank).contains(axis), "finds no such dimension in", inputs)
        return [TensorType([inputs[0].shape[axis]])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [x[0].trace.constant(Tensor(scalar: Float(0))).filling(x[0].shape).addingBias(g, axis: axis)]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let view = AxisView(operands.shape, axis: axis)
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

extension Operation where Self == SumToAxis {
    static func sumToAxis(_ axis: Int) -> Self { Self(axis: axis) }
}
