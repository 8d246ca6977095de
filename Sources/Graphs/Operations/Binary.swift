import Kernels
import Tensors

/// An operation on two values of one shape, element by element.
///
/// A table has one for each line: what it is called, MindSpore's operator for it, the kernel, and the gradients of the inputs
/// `x` from that of the result, `g`, and the result `y`.
public struct Binary: Operation, FinishesProduct, Sendable {
    /// What it is called.
    public let name: String

    package let finish: ProductFinish?
    private let primitive: MindSporeOperator?
    private let body: @Sendable (Span<Float>, Span<Float>, inout MutableSpan<Float>, ThreadPool) -> Void
    private let gradients: @Sendable (_ x: [Symbol], _ y: Symbol, _ g: Symbol) -> [Symbol?]

    /// Describes an operation that MindSpore has too, and that can be written to a MindIR.
    public init(
        _ name: String, _ primitive: MindSporeOperator,
        _ body: @escaping @Sendable (Span<Float>, Span<Float>, inout MutableSpan<Float>) -> Void,
        gradients: @escaping @Sendable (_ x: [Symbol], _ y: Symbol, _ g: Symbol) -> [Symbol?]
    ) {
        self.init(name, primitive, onThreads: { a, b, y, _ in body(a, b, &y) }, gradients: gradients)
    }

    /// Describes an operation that MindSpore does not have.
    public init(
        _ name: String, _ body: @escaping @Sendable (Span<Float>, Span<Float>, inout MutableSpan<Float>) -> Void,
        gradients: @escaping @Sendable (_ x: [Symbol], _ y: Symbol, _ g: Symbol) -> [Symbol?]
    ) {
        self.init(name, nil, onThreads: { a, b, y, _ in body(a, b, &y) }, gradients: gradients)
    }

    init(
        _ name: String, _ primitive: MindSporeOperator?, finish: ProductFinish? = nil,
        onThreads body: @escaping @Sendable (Span<Float>, Span<Float>, inout MutableSpan<Float>, ThreadPool) -> Void,
        gradients: @escaping @Sendable (_ x: [Symbol], _ y: Symbol, _ g: Symbol) -> [Symbol?]
    ) {
        self.name = name
        self.primitive = primitive
        self.finish = finish
        self.body = body
        self.gradients = gradients
    }

    /// Both values.
    public var inputCount: Int? { 2 }

    /// Its name: it has no settings.
    public var description: String { name }

    /// The gradients of the table.
    public func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { gradients(x, y[0], g) }

    /// The kernel of the table.
    public func kernel(_ operands: Operands) -> () -> Void {
        operands.binary { [body, pool = operands.pool] in body($0, $1, &$2, pool) }
    }

    /// The operator of the table.
    public func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        guard let primitive else { throw NoMindSporeForm("it names no operator of MindSpore") }
        return calls.call(primitive, calls.x[0], calls.x[1])
    }
}

/// The table.
extension Operation where Self == Binary {
    static var add: Self {
        Self("add", .add, finish: .addend, onThreads: { Kernels.add($0, $1, into: &$2, pool: $3) }) { x, y, g in [g, g]
        }
    }
    static var subtract: Self {
        Self("subtract", .sub, { Kernels.subtract($0, $1, into: &$2) }) { x, y, g in [g, -g] }
    }
    static var multiply: Self {
        Self("multiply", .mul, { Kernels.multiply($0, $1, into: &$2) }) { x, y, g in [g * x[1], g * x[0]] }
    }
    static var divide: Self {
        Self("divide", .div, { Kernels.divide($0, $1, into: &$2) }) { x, y, g in [g / x[1], -(g * y / x[1])] }
    }
    static var maximum: Self {
        Self("maximum", .maximum, { Kernels.maximum($0, $1, into: &$2) }) { x, y, g in
            shared(g, firstWhere: x[0].apply(.isAtLeast, x[1]))
        }
    }
    static var minimum: Self {
        Self("minimum", .minimum, { Kernels.minimum($0, $1, into: &$2) }) { x, y, g in
            shared(g, firstWhere: x[1].apply(.isAtLeast, x[0]))
        }
    }
}

/// The gradient goes to the first input where `mask` is 1 and to the second where it is 0.
private func shared(_ g: Symbol, firstWhere mask: Symbol) -> [Symbol?] {
    [g * mask, g * (-mask + 1)]
}

/// 1 where the first input is at least the second, else 0.
struct IsAtLeast: Operation {
    var inputCount: Int? { 2 }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [nil, nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        operands.binary { Kernels.isAtLeast($0, $1, into: &$2) }
    }

    /// 1 or 0, where MindSpore has true or false.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let truth = calls.call(
            .greaterEqual, calls.x[0], calls.x[1], giving: MindSporeType(calls.type.dimensions, .bool))
        return calls.call(.cast, truth, TypeID.float32)
    }
}

/// MindSpore's numbers for element types where an operator takes one.
enum TypeID {
    static let bool = 30
    static let int32 = 34
    static let float32 = 43
}

/// The gradient of `relu` from that of its result and its result.
struct ReLUGradient: Operation {
    var name: String { "reluGradient" }

    var inputCount: Int? { 2 }

    func kernel(_ operands: Operands) -> () -> Void {
        operands.binary { Kernels.reluGradient($0, output: $1, into: &$2) }
    }
}

extension Operation where Self == IsAtLeast {
    static var isAtLeast: Self { Self() }
}

extension Operation where Self == ReLUGradient {
    static var reluGradient: Self { Self() }
}
