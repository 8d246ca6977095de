import Kernels
import Tensors

/// An operation on one value, element by element.
///
/// A table has one for each line: what it is called, MindSpore's operator for it, the kernel, and the gradient of the input
/// `x` from that of the result, `g`, and the result `y`.
public struct Unary: Operation, FinishesProduct, Sendable {
    /// What it is called.
    public let name: String

    package let finish: ProductFinish?
    private let primitive: MindSporeOperator?
    private let body: @Sendable (Span<Float>, inout MutableSpan<Float>, ThreadPool) -> Void
    private let gradient: @Sendable (_ x: Symbol, _ y: Symbol, _ g: Symbol) -> Symbol

    /// Describes an operation that MindSpore has too, and that can be written to a MindIR.
    public init(
        _ name: String, _ primitive: MindSporeOperator,
        _ body: @escaping @Sendable (Span<Float>, inout MutableSpan<Float>) -> Void,
        gradient: @escaping @Sendable (_ x: Symbol, _ y: Symbol, _ g: Symbol) -> Symbol
    ) {
        self.init(name, primitive, onThreads: { x, y, _ in body(x, &y) }, gradient: gradient)
    }

    /// Describes an operation that MindSpore does not have.
    public init(
        _ name: String, _ body: @escaping @Sendable (Span<Float>, inout MutableSpan<Float>) -> Void,
        gradient: @escaping @Sendable (_ x: Symbol, _ y: Symbol, _ g: Symbol) -> Symbol
    ) {
        self.init(name, nil, onThreads: { x, y, _ in body(x, &y) }, gradient: gradient)
    }

    init(
        _ name: String, _ primitive: MindSporeOperator?, finish: ProductFinish? = nil,
        onThreads body: @escaping @Sendable (Span<Float>, inout MutableSpan<Float>, ThreadPool) -> Void,
        gradient: @escaping @Sendable (_ x: Symbol, _ y: Symbol, _ g: Symbol) -> Symbol
    ) {
        self.name = name
        self.primitive = primitive
        self.finish = finish
        self.body = body
        self.gradient = gradient
    }

    /// The value.
    public var inputCount: Int? { 1 }

    /// Its name: it has no settings.
    public var description: String { name }

    /// The gradient of the table.
    public func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [gradient(x[0], y[0], g)] }

    /// The kernel of the table.
    public func kernel(_ operands: Operands) -> () -> Void {
        operands.unary { [body, pool = operands.pool] in body($0, &$1, pool) }
    }

    /// The operator of the table.
    public func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        guard let primitive else { throw NoMindSporeForm("it names no operator of MindSpore") }
        return calls.call(primitive, calls.x[0])
    }
}

/// The table.
extension Operation where Self == Unary {
    static var negate: Self { Self("negate", .neg, { Kernels.negate($0, into: &$1) }) { x, y, g in -g } }
    static var exp: Self { Self("exp", .exp, { Kernels.exp($0, into: &$1) }) { x, y, g in g * y } }
    static var log: Self { Self("log", .log, { Kernels.log($0, into: &$1) }) { x, y, g in g / x } }
    static var sqrt: Self { Self("sqrt", .sqrt, { Kernels.sqrt($0, into: &$1) }) { x, y, g in g / (y * 2) } }
    static var square: Self {
        Self("square", .square, { Kernels.square($0, into: &$1) }) { x, y, g in g * (x * 2) }
    }
    static var reciprocal: Self {
        Self("reciprocal", .reciprocal, { Kernels.reciprocal($0, into: &$1) }) { x, y, g in -(g * y.square()) }
    }
    // MindSpore's own on a CPU is off by up to 1e-4, around 5.
    static var tanh: Self {
        Self("tanh", .tanh, { Kernels.tanh($0, into: &$1) }) { x, y, g in g * (-y.square() + 1) }
    }
    static var sigmoid: Self {
        Self("sigmoid", .sigmoid, { Kernels.sigmoid($0, into: &$1) }) { x, y, g in g * (y * (-y + 1)) }
    }
    static var relu: Self {
        Self("relu", .relu, finish: .relu, onThreads: { x, y, _ in Kernels.relu(x, into: &y) }) { x, y, g in
            g.apply(.reluGradient, y)
        }
    }
}

/// Each element times a number.
struct Scale: Operation {
    let factor: Float

    var inputCount: Int? { 1 }

    var description: String { "scale(\(factor))" }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g * factor] }

    func kernel(_ operands: Operands) -> () -> Void {
        operands.unary { [factor] in Kernels.scale($0, by: factor, into: &$1) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.muls, calls.x[0], factor)
    }
}

/// Each element plus a number.
struct Shift: Operation {
    let number: Float

    var inputCount: Int? { 1 }

    var description: String { "shift(\(number))" }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g] }

    func kernel(_ operands: Operands) -> () -> Void {
        operands.unary { [number] in Kernels.addScalar($0, number, into: &$1) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.add, calls.x[0], Tensor(scalar: number))
    }
}

extension Operation where Self == Scale {
    static func scale(_ factor: Float) -> Self { Self(factor: factor) }
}

extension Operation where Self == Shift {
    static func shift(_ number: Float) -> Self { Self(number: number) }
}
