import Graphs
import Kernels

/// x · Φ(x), in the tanh form.
struct TanhGELU: Operation, FinishesProduct {
    var name: String { "gelu" }

    var inputCount: Int? { 1 }

    var finish: ProductFinish? { .gelu }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.apply(Gradient(), x[0])] }

    func kernel(_ operands: Operands) -> () -> Void {
        operands.unary { [pool = operands.pool] in Kernels.gelu($0, into: &$1, pool: pool) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.gelu, calls.x[0])
    }
}

extension TanhGELU {
    /// The gradient from that of the result and the input.
    struct Gradient: Operation, FinishesProduct {
        var name: String { "geluGradient" }

        var inputCount: Int? { 2 }

        var finish: ProductFinish? { .geluGradient }

        func kernel(_ operands: Operands) -> () -> Void {
            operands.binary { [pool = operands.pool] in Kernels.geluGradient($0, x: $1, into: &$2, pool: pool) }
        }
    }
}

extension Operation where Self == TanhGELU {
    static var gelu: Self { Self() }
}

extension Operation where Self == TanhGELU.Gradient {
    static var geluGradient: Self { Self() }
}
