import Kernels
import LayerKernels
import Tensors

/// More functions of one number: lines of the table of ``Unary``.
extension Operation where Self == Unary {
    static var absolute: Self { Self("absolute", .abs, .absolute) { x, y, g in g * x.sign() } }
    static var sign: Self { Self("sign", .sign, .sign) { x, y, g in g * 0 } }
    static var sine: Self { Self("sine", .sin, .sine) { x, y, g in g * x.cos() } }
    static var cosine: Self { Self("cosine", .cos, .cosine) { x, y, g in -(g * x.sin()) } }
    /// The slope is 2 / √π · e^(−x²).
    static var errorFunction: Self {
        Self("errorFunction", .erf, .errorFunction) { x, y, g in g * ((-x.square()).exp() * 1.128_379_2) }
    }
    static var reciprocalRoot: Self {
        Self("reciprocalRoot", MindSporeOperator("Rsqrt", "input"), .power(-0.5)) { x, y, g in
            g * (y * y.square()) * -0.5
        }
    }
}

extension Symbol {
    /// 1 / √x, element by element (MindSpore's `ops.rsqrt`).
    public func reciprocalRoot() -> Symbol { apply(.reciprocalRoot) }
}

extension Unary {
    fileprivate init(
        _ name: String, _ primitive: MindSporeOperator, _ function: UnaryFunction,
        gradient: @escaping @Sendable (_ x: Symbol, _ y: Symbol, _ g: Symbol) -> Symbol
    ) {
        self.init(
            name, primitive, onThreads: { LayerKernels.apply(function, $0, into: &$1, pool: $2) }, gradient: gradient)
    }
}

/// Each element, or the nearest number between two.
struct Clip: Operation {
    let lower: Float
    let upper: Float

    var inputCount: Int? { 1 }

    /// Where the element is not changed, the bounds included.
    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g * x[0].isEqual(to: y[0])] }

    func kernel(_ operands: Operands) -> () -> Void {
        let function = UnaryFunction.clip(lower: lower, upper: upper)
        return operands.unary { [pool = operands.pool] in LayerKernels.apply(function, $0, into: &$1, pool: pool) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let bounded = calls.call(.minimum, calls.x[0], Tensor(scalar: upper))
        return calls.call(.maximum, bounded, Tensor(scalar: lower))
    }
}

/// Each element raised to a number.
struct Power: Operation {
    let exponent: Float

    var name: String { "powerOf" }

    var inputCount: Int? { 1 }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g * (x[0].raised(to: exponent - 1) * exponent)]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let function = UnaryFunction.power(exponent)
        return operands.unary { [pool = operands.pool] in LayerKernels.apply(function, $0, into: &$1, pool: pool) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.pow, calls.x[0], Tensor(scalar: exponent))
    }
}
