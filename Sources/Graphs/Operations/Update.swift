import Kernels
import Memory
public import Tensors

// Updates in place, without results.

/// Makes its first input, a parameter, what the second is.
///
/// With it an optimizer, or a layer with running statistics, needs no kernel: it computes the new value in symbols.
public struct Assign: Operation, Sendable {
    /// Makes the operation.
    public init() {}

    /// The parameter, and its new value.
    public var inputCount: Int? { 2 }

    /// An update.
    public var role: OperationRole { .update }

    /// The first.
    public func changes(input index: Int) -> Bool { index == 0 }

    /// Any: counts may be assigned too.
    public func elementType(ofInput index: Int) -> ElementType? { nil }

    /// None: it changes its first input.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[0] == inputs[1], "needs a value of the parameter's type, not", inputs)
        return []
    }

    /// See ``Assign``.
    public func kernel(_ operands: Operands) -> () -> Void {
        let (target, value) = (operands.inputs[0].bytes, operands.inputs[1].bytes)
        return { target.copy(from: value) }
    }
}

/// Adds the second input to the first.
public struct Accumulate: Operation, Sendable {
    /// Makes the operation.
    public init() {}

    /// The sum, and what is added to it.
    public var inputCount: Int? { 2 }

    /// An update.
    public var role: OperationRole { .update }

    /// The first.
    public func changes(input index: Int) -> Bool { index == 0 }

    /// None: it changes its first input.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [] }

    /// See ``Accumulate``.
    public func kernel(_ operands: Operands) -> () -> Void {
        let (sum, gradient) = (operands.input(0), operands.input(1))
        return {
            var target = sum.mutableSpan
            Kernels.axpy(1, gradient.span, into: &target)
        }
    }
}

extension Operation where Self == Assign {
    /// See ``Assign``.
    public static var assign: Self { Self() }
}

extension Operation where Self == Accumulate {
    /// See ``Accumulate``.
    public static var accumulate: Self { Self() }
}
