public import Graphs
import LayerOperations
import Tensors

/// Stochastic gradient descent with momentum (MindSpore's `nn.Momentum`; Sutskever et al., 2013).
///
/// v ← momentum · v + g, then p ← p − rate · v, or with Nesterov's look ahead p ← p − rate · (g + momentum · v).
public final class Momentum: Optimizer {
    private let momentum: Float
    private let weightDecay: Float
    private let nesterov: Bool
    private let momentumParameter: Parameter
    private var moments: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate, momentum: Float, weightDecay: Float = 0,
        useNesterov: Bool = false, share: OptimizerShare = .whole
    ) {
        insistOnNumbers(["momentum": momentum, "weightDecay": weightDecay])
        self.momentum = momentum
        self.weightDecay = weightDecay
        nesterov = useNesterov
        momentumParameter = Parameter(name: "momentum", value: Tensor(scalar: momentum))
        super.init(parameters, schedule: learningRate, share: share)
        moments = makeState("moments")
    }

    /// `global_step`, `learning_rate`, `momentum`, `moments.*`.
    public override var state: [Parameter] { super.state + [momentumParameter] + moments }

    /// The momentum, the weight decay, and whether it looks ahead.
    public override var settings: [String: String] {
        super.settings.merging([
            "momentum": "\(momentum)", "weight-decay": "\(weightDecay)", "nesterov": "\(nesterov)",
        ]) { $1 }
    }

    /// Sets the momentum in the state too.
    public override func restoreSettings() {
        super.restoreSettings()
        momentumParameter.tensor.fill(with: momentum)
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let gradient = scale.map { gradient.scaled(by: $0) } ?? gradient
        let trace = gradient.trace
        trace.apply(
            .momentumUpdate(momentum: momentum, weightDecay: weightDecay, nesterov: nesterov),
            to: [
                trace.symbol(for: targets[index]), trace.symbol(for: moments[index]), gradient,
                trace.symbol(for: learningRate),
            ])
    }
}
