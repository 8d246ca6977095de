import Kernels
import LayerKernels
import Memory
import Tensors

/// An operation on two values of any shapes that fit together, element by element: dimensions count from the last, and those of
/// size 1 are repeated, as in NumPy and MindSpore. Comparisons give 1 and 0.
///
/// A table has a line for each: what it is called, the kernel's function, MindSpore's operator, and the gradients of the inputs
/// `x` from that of the result, `g`, and the result `y`, which are then summed over what was repeated. ``Binary`` has those of
/// one shape, which are faster.
struct Broadcast: Operation, Sendable {
    let name: String
    private let function: BinaryFunction
    private let primitive: MindSporeOperator
    private let gradients: (@Sendable (_ x: [Symbol], _ y: Symbol, _ g: Symbol) -> [Symbol])?

    /// A line; without gradients it is a comparison.
    fileprivate init(
        _ name: String, _ function: BinaryFunction, _ primitive: MindSporeOperator,
        gradients: (@Sendable (_ x: [Symbol], _ y: Symbol, _ g: Symbol) -> [Symbol])? = nil
    ) {
        self.name = name
        self.function = function
        self.primitive = primitive
        self.gradients = gradients
    }

    var inputCount: Int? { 2 }

    var description: String { name }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
            throw Misfit("\(name) needs two shapes that fit together, not \(inputs[0]), \(inputs[1])")
        }
        return [TensorType(shape)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        guard let gradients else { return [nil, nil] }
        return zip(gradients(x, y[0], g), x).map { $0.summed(to: $1.shape) }
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let plan = BroadcastPlan(a: operands.inputs[0].shape.dimensions, b: operands.inputs[1].shape.dimensions)
        return operands.binary { [function, pool = operands.pool] in
            plan.apply(function, $0, $1, into: &$2, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        gradients == nil
            ? calls.comparison(primitive, calls.x[0], calls.x[1]) : calls.call(primitive, calls.x[0], calls.x[1])
    }
}

/// The table.
extension Operation where Self == Broadcast {
    static var broadcastAdd: Self { Self("broadcastAdd", .add, .add) { x, y, g in [g, g] } }
    static var broadcastSubtract: Self { Self("broadcastSubtract", .subtract, .sub) { x, y, g in [g, -g] } }
    static var broadcastMultiply: Self {
        Self("broadcastMultiply", .multiply, .mul) { x, y, g in [g * x[1], g * x[0]] }
    }
    static var broadcastDivide: Self {
        Self("broadcastDivide", .divide, .div) { x, y, g in [g / x[1], -(g * y / x[1])] }
    }
    static var broadcastMaximum: Self {
        Self("broadcastMaximum", .maximum, .maximum) { x, y, g in
            [g * x[0].isAtLeast(x[1]), g * x[0].isLess(than: x[1])]
        }
    }
    static var broadcastMinimum: Self {
        Self("broadcastMinimum", .minimum, .minimum) { x, y, g in
            [g * x[0].isAtMost(x[1]), g * x[0].isGreater(than: x[1])]
        }
    }
    static var power: Self {
        Self("power", .power, .pow) { x, y, g in [g * (x[1] * x[0].raised(to: x[1] + -1)), g * (y * x[0].log())] }
    }

    static var equal: Self { Self("equal", .equal, .equal) }
    static var notEqual: Self { Self("notEqual", .notEqual, .notEqual) }
    static var less: Self { Self("less", .less, .less) }
    static var lessOrEqual: Self { Self("lessOrEqual", .lessOrEqual, .lessEqual) }
    static var greater: Self { Self("greater", .greater, .greater) }
    static var greaterOrEqual: Self { Self("greaterOrEqual", .greaterOrEqual, .greaterEqual) }
}

/// A value repeated into a shape, as ``Broadcast`` repeats it.
struct Expand: Operation {
    let shape: Shape

    var name: String { "broadcastTo" }

    var inputCount: Int? { 1 }

    var description: String { "\(name)(\(shape))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[0].shape.broadcast(with: shape) == shape, "cannot repeat", inputs)
        return [TensorType(shape)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.summed(to: x[0].shape)] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (source, target) = (operands.shape.dimensions, shape.dimensions)
        let (strides, added) = (StridedPlace(whole: source).strides, target.count - source.count)
        let repeated = target.indices.map { $0 < added || source[$0 - added] == 1 ? 0 : strides[$0 - added] }
        let plan = CopyPlan(shape: target, from: StridedPlace(strides: repeated), to: StridedPlace(whole: target))
        return operands.unary { [pool = operands.pool] in plan.copy($0, into: &$1, pool: pool) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.broadcastTo, calls.x[0], try calls.known(calls.type.dimensions))
    }

    var settingsFollowFromResults: Bool { true }
}

/// The second value where the first is not 0, and the third elsewhere; all have one shape.
struct Select: Operation {
    var inputCount: Int? { 3 }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        let zeros = g.trace.constant(Tensor(scalar: Float(0))).filling(g.shape)
        return [nil, x[0].choosing(g, otherwise: zeros), x[0].choosing(zeros, otherwise: g)]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (condition, a, b, y) = (operands.input(0), operands.input(1), operands.input(2), operands.result())
        return {
            var result = y.mutableSpan
            LayerKernels.select(condition.span, a.span, b.span, into: &result)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let type = MindSporeType(calls.type.dimensions, .bool)
        let truth = calls.call(.notEqual, calls.x[0], Tensor(scalar: Float(0)), giving: type)
        return calls.call(.select, truth, calls.x[1], calls.x[2])
    }
}

extension Shape {
    /// The shape of what is computed from values of two shapes that fit together: dimensions count from the last, and those of
    /// size 1 are repeated; nil if they do not fit.
    func broadcast(with other: Shape) -> Shape? {
        let rank = max(self.rank, other.rank)
        let padded = [self, other].map { Array(repeating: 1, count: rank - $0.rank) + $0.dimensions }
        let fits = zip(padded[0], padded[1]).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
        return fits ? Shape(zip(padded[0], padded[1]).map { $0 == 1 ? $1 : $0 }) : nil
    }
}
