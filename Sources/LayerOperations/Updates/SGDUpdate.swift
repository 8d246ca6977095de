public import Graphs
import Kernels
import Memory
public import Tensors

/// The settings of MindSpore's `nn.SGD`.
public struct SGDSettings: Hashable, Sendable {
    /// How much of the last update is kept.
    public var momentum: Float
    /// How much of the gradient is left out of the state.
    public var dampening: Float
    /// How much of the parameter is added to its gradient.
    public var weightDecay: Float
    /// Whether the update looks one step ahead.
    public var nesterov: Bool

    /// Makes the settings.
    public init(momentum: Float = 0, dampening: Float = 0, weightDecay: Float = 0, nesterov: Bool = false) {
        self.momentum = momentum
        self.dampening = dampening
        self.weightDecay = weightDecay
        self.nesterov = nesterov
    }
}

/// MindSpore's `nn.SGD`: parameter, state, gradient, learning rate. The state is two values, the accumulated gradient and
/// whether there is none yet.
public struct SGDUpdate: Operation, Sendable {
    let settings: SGDSettings

    /// The parameter, two values of state, the gradient, the rate.
    public var inputCount: Int? { 5 }

    /// Its settings.
    public var description: String { "\(name)(\(String(reflecting: settings)))" }

    /// "sgdUpdate".
    public var name: String { "sgdUpdate" }

    /// An update.
    public var role: OperationRole { .update }

    /// None: it changes its first inputs.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandUpdate(inputs)
        return []
    }

    /// See ``SGDUpdate``.
    public func kernel(_ operands: Operands) -> () -> Void {
        let slices = (0..<5).map(operands.input)
        let (parameter, accumulator, stat, gradient, rate) = (slices[0], slices[1], slices[2], slices[3], slices[4])
        return { [settings] in
            var target = parameter.mutableSpan
            guard settings.momentum > 0 else {
                return Kernels.sgdUpdate(
                    &target, gradient: gradient.span, learningRate: rate.span[0], weightDecay: settings.weightDecay)
            }
            var accumulated = accumulator.mutableSpan
            var isFirst = stat.mutableSpan
            Kernels.sgdUpdate(
                &target, accumulation: &accumulated, gradient: gradient.span, learningRate: rate.span[0],
                momentum: settings.momentum, dampening: settings.dampening, weightDecay: settings.weightDecay,
                nesterov: settings.nesterov, isFirstStep: isFirst[0] > 0)
            Kernels.fill(&isFirst, with: 0)
        }
    }
}

extension Operation {
    /// Throws unless all inputs but a scalar at the end have one shape.
    func demandUpdate(_ inputs: [TensorType]) throws(Misfit) {
        try demand(
            inputs.dropLast().allSatisfy { $0 == inputs[0] } && inputs[inputs.count - 1].shape == .scalar,
            "needs values of one shape and a scalar learning rate, not", inputs)
    }
}

extension Operation where Self == SGDUpdate {
    /// See ``SGDUpdate``.
    public static func sgdUpdate(_ settings: SGDSettings) -> Self { Self(settings: settings) }
}
