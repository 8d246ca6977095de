public import Graphs
import Kernels
import Memory
public import Tensors

/// The settings of AdamW.
public struct AdamWSettings: Hashable, Sendable {
    /// How much of the last mean of gradients is kept.
    public var beta1: Float
    /// How much of the last mean of squared gradients is kept.
    public var beta2: Float
    /// What keeps the denominator from 0.
    public var epsilon: Float
    /// How much of a parameter a step takes off, times the rate.
    public var weightDecay: Float

    /// Makes the settings.
    public init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}

/// AdamW: parameter, two moments, gradient, learning rate, a factor for the gradient, the number of the step.
public struct AdamWUpdate: Operation, Sendable {
    let settings: AdamWSettings

    /// The parameter, two moments, the gradient, the rate, a factor, the number of the step.
    public var inputCount: Int? { 7 }

    /// Its settings.
    public var description: String { "\(name)(\(String(reflecting: settings)))" }

    /// An update.
    public var role: OperationRole { .update }

    /// Int32 for the number of the step.
    public func elementType(ofInput index: Int) -> ElementType? { index == 6 ? .int32 : .float32 }

    /// None: it changes its first inputs.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[..<4].allSatisfy { $0 == inputs[0] }, "needs four values of one shape, not", inputs)
        return []
    }

    /// See ``AdamWUpdate``.
    public func kernel(_ operands: Operands) -> () -> Void {
        let slices = (0..<6).map(operands.input)
        let (parameter, mean, square, gradient) = (slices[0], slices[1], slices[2], slices[3])
        let (rate, scale, count) = (slices[4], slices[5], operands.integers(6))
        return { [settings, pool = operands.pool] in
            var target = parameter.mutableSpan
            var m = mean.mutableSpan
            var v = square.mutableSpan
            Kernels.adamWUpdate(
                &target, m: &m, v: &v, gradient: gradient.span, learningRate: rate.span[0],
                beta1: Double(settings.beta1), beta2: Double(settings.beta2), epsilon: settings.epsilon,
                weightDecay: settings.weightDecay, gradientScale: scale.span[0],
                // A checkpoint may claim any number of steps.
                step: Int(max(count.span[0], 0)) + 1, pool: pool)
        }
    }
}

extension Operation where Self == AdamWUpdate {
    /// See ``AdamWUpdate``.
    public static func adamWUpdate(_ settings: AdamWSettings) -> Self { Self(settings: settings) }
}
