public import Graphs
import Kernels
import Memory
public import Tensors

/// MindSpore's `nn.Momentum`: parameter, moment, gradient, learning rate.
public struct MomentumUpdate: Operation, Sendable {
    let momentum: Float
    let weightDecay: Float
    let nesterov: Bool

    /// The parameter, the moment, the gradient, the rate.
    public var inputCount: Int? { 4 }

    /// An update.
    public var role: OperationRole { .update }

    /// None: it changes its first inputs.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandUpdate(inputs)
        return []
    }

    /// See ``MomentumUpdate``.
    public func kernel(_ operands: Operands) -> () -> Void {
        let slices = (0..<4).map(operands.input)
        let (parameter, moment, gradient, rate) = (slices[0], slices[1], slices[2], slices[3])
        return { [momentum, weightDecay, nesterov] in
            var target = parameter.mutableSpan
            var velocity = moment.mutableSpan
            Kernels.momentumUpdate(
                &target, moment: &velocity, gradient: gradient.span, learningRate: rate.span[0], momentum: momentum,
                weightDecay: weightDecay, nesterov: nesterov)
        }
    }
}

extension Operation where Self == MomentumUpdate {
    /// See ``MomentumUpdate``.
    public static func momentumUpdate(momentum: Float, weightDecay: Float, nesterov: Bool) -> Self {
        Self(momentum: momentum, weightDecay: weightDecay, nesterov: nesterov)
    }
}
