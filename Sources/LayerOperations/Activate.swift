import Graphs
import Kernels
import LayerKernels
import Tensors

/// An activation of layers, element by element.
struct Activate: Operation, Sendable {
    let activation: Activation

    var name: String {
        switch activation {
        case .gelu: "erfGELU"
        case .silu: "silu"
        case .leakyReLU: "leakyReLU"
        case .elu: "elu"
        case .softplus: "softplus"
        case .hardSwish: "hardSwish"
        case .hardSigmoid: "hardSigmoid"
        case .relu6: "relu6"
        }
    }

    var inputCount: Int? { 1 }

    var description: String {
        switch activation {
        case .leakyReLU(let slope): "\(name)(\(slope))"
        case .elu(let alpha): "\(name)(\(alpha))"
        default: name
        }
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(Gradient(activation: activation), x[0])]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        operands.unary { [activation, pool = operands.pool] in
            LayerKernels.activate(activation, $0, into: &$1, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let x = calls.x[0]
        switch activation {
        case .silu: return calls.call(.silu, x)
        case .hardSwish: return calls.call(.hardSwish, x)
        case .hardSigmoid: return calls.call(.hardSigmoid, x)
        case .relu6: return calls.call(.relu6, x)
        case .elu(let alpha):
            // The only one that its kernels compute.
            guard alpha == 1 else { throw NoMindSporeForm("MindSpore has an ELU of alpha 1 alone, not of \(alpha)") }
            return calls.call(.elu, x, alpha)
        case .leakyReLU(let slope):
            let smaller = calls.call(.muls, x, slope)
            return calls.call(slope <= 1 ? .maximum : .minimum, x, smaller)
        case .gelu:
            let error = calls.call(.erf, calls.call(.muls, x, Float(0.5).squareRoot()))
            return calls.call(.mul, calls.call(.muls, x, Float(0.5)), calls.call(.add, error, Tensor(scalar: Float(1))))
        case .softplus:
            // max(x, 0) + ln(1 + e^−|x|), which does not overflow.
            let magnitude = calls.call(.abs, x)
            let power = calls.call(.exp, calls.call(.neg, magnitude))
            let logarithm = calls.call(.log, calls.call(.add, power, Tensor(scalar: Float(1))))
            return calls.call(.add, calls.call(.relu, x), logarithm)
        }
    }
}

extension Activate {
    /// The gradient from that of the result and the input.
    struct Gradient: Operation, Sendable {
        let activation: Activation

        var name: String { Activate(activation: activation).name + "Gradient" }

        var inputCount: Int? { 2 }

        var description: String { Activate(activation: activation).description + "Gradient" }

        func kernel(_ operands: Operands) -> () -> Void {
            operands.binary { [activation, pool = operands.pool] in
                LayerKernels.activationGradient(activation, $0, x: $1, into: &$2, pool: pool)
            }
        }
    }
}
