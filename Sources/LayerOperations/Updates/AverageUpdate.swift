public import Graphs
import Kernels
import LayerKernels
import Memory
public import Tensors

/// Moves the first input, an average of a parameter's values, towards the second, the parameter; the third is the number of
/// steps that were made before. The first step makes it the parameter.
public struct AverageUpdate: Operation, Sendable {
    let decay: Float

    /// Makes the operation: an average keeps `decay` of itself in each step.
    public init(decay: Float) {
        self.decay = decay
    }

    /// The average, the parameter, the number of steps.
    public var inputCount: Int? { 3 }

    /// An update.
    public var role: OperationRole { .update }

    /// Int32 for the number of steps.
    public func elementType(ofInput index: Int) -> ElementType? { index == 2 ? .int32 : .float32 }

    /// None: it changes its first input.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[0] == inputs[1], "needs an average of the parameter's shape, not", inputs)
        return []
    }

    /// See ``AverageUpdate``.
    public func kernel(_ operands: Operands) -> () -> Void {
        let (average, parameter, count) = (operands.input(0), operands.input(1), operands.integers(2))
        return { [decay, pool = operands.pool] in
            guard count.span[0] > 0 else { return average.copy(from: parameter) }
            var kept = average.mutableSpan
            LayerKernels.moveAverage(&kept, towards: parameter.span, share: 1 - decay, pool: pool)
        }
    }
}
