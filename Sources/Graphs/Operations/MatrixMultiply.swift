import Kernels
import Tensors

/// The product of two matrices, either of them transposed on reading.
struct MatrixMultiply: FinishableProduct {
    let transposeA: Bool
    let transposeB: Bool

    var inputCount: Int? { 2 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let (a, b) = (inputs[0].shape, inputs[1].shape)
        try demand(
            a.rank == 2 && b.rank == 2 && a[transposeA ? 0 : 1] == b[transposeB ? 1 : 0],
            "needs two matrices that fit, not", inputs)
        return [TensorType([a[transposeA ? 1 : 0], b[transposeB ? 0 : 1]])]
    }

    /// For C = op(A)·op(B): dA and dB, each in the layout in which A and B are stored.
    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        let (a, b) = (x[0], x[1])
        return [
            transposeA
                ? b.matrixMultiplied(by: g, transposeA: transposeB, transposeB: true)
                : g.matrixMultiplied(by: b, transposeB: !transposeB),
            transposeB
                ? g.matrixMultiplied(by: a, transposeA: true, transposeB: transposeA)
                : a.matrixMultiplied(by: g, transposeA: !transposeA),
        ]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (m, n) = (operands.results[0].shape[0], operands.results[0].shape[1])
        let k = operands.shape[transposeA ? 0 : 1]
        return operands.binary { [transposeA, transposeB, pool = operands.pool] in
            Kernels.matrixMultiply(
                $0, $1, into: &$2, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB, pool: pool)
        }
    }

    func operationCount(inputs: [Shape], results: [Shape]) -> Double? {
        2 * Double(results[0].elementCount) * Double(inputs[0][transposeA ? 0 : 1])
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.matMul, calls.x[0], calls.x[1], transposeA, transposeB)
    }
}

extension Operation where Self == MatrixMultiply {
    static func matrixMultiply(transposeA: Bool, transposeB: Bool) -> Self {
        Self(transposeA: transposeA, transposeB: transposeB)
    }
}
