import Kernels
import Tensors

/// The same elements under another shape; no copy.
struct Reshape: Operation {
    let shape: Shape

    var inputCount: Int? { 1 }

    var description: String { "reshape(\(shape))" }

    var role: OperationRole { .view }

    func elementType(ofInput index: Int) -> ElementType? { nil }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(shape.elementCount == inputs[0].shape.elementCount, "cannot hold", inputs)
        return [TensorType(shape, inputs[0].elementType)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.reshaped(to: x[0].shape)] }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.reshape, calls.x[0], try calls.openOnce(calls.type.dimensions))
    }

    var settingsFollowFromResults: Bool { true }
}

/// The dimensions in another order.
struct Transpose: Operation {
    let order: [Int]

    var inputCount: Int? { 1 }

    var description: String { "transpose(\(order))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        try demand(order.sorted() == Array(0..<x.rank), "is no order of the dimensions of", inputs)
        return [TensorType(Shape(order.map { x[$0] }))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.transposed(order.indices.map { axis in order.firstIndex(of: axis) ?? axis })]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let shape = operands.shape.dimensions
        return operands.unary { [order] in Kernels.transpose($0, into: &$1, shape: shape, permutation: order) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.transpose, calls.x[0], order)
    }
}

/// A scalar repeated into a shape.
struct Fill: Operation {
    let shape: Shape

    var inputCount: Int? { 1 }

    var description: String { "fill(\(shape))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[0].shape == .scalar, "repeats a scalar, not", inputs)
        return [TensorType(shape)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [g.sum()] }

    func kernel(_ operands: Operands) -> () -> Void { operands.unary { Kernels.fill(&$1, with: $0[0]) } }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        calls.call(.broadcastTo, calls.x[0], try calls.known(calls.type.dimensions))
    }

    var settingsFollowFromResults: Bool { true }
}

extension Operation where Self == Reshape {
    static func reshape(_ shape: Shape) -> Self { Self(shape: shape) }
}

extension Operation where Self == Transpose {
    static func transpose(_ order: [Int]) -> Self { Self(order: order) }
}

extension Operation where Self == Fill {
    static func fill(_ shape: Shape) -> Self { Self(shape: shape) }
}
