public import Graphs
import LayerOperations
import Memory
import Tensors

/// Stochastic gradient descent (MindSpore's `nn.SGD`).
///
/// v ← momentum · v + (1 − dampening) · g, the first v being g itself, then p ← p − rate · v. Without momentum
/// p ← p − rate · g.
public final class SGD: Optimizer {
    private let sgd: SGDSettings
    private let momentumParameter: Parameter
    private var accumulators: [Parameter] = []
    private var stats: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate = 0.1, momentum: Float = 0, dampening: Float = 0,
        weightDecay: Float = 0, nesterov: Bool = false, share: OptimizerShare = .whole
    ) {
        insistOnNumbers(["momentum": momentum, "dampening": dampening, "weightDecay": weightDecay])
        insist(
            !nesterov || (momentum > 0 && dampening == 0),
            "Nesterov needs momentum above 0 and no dampening, not \(momentum) and \(dampening)")
        sgd = SGDSettings(
            momentum: momentum, dampening: dampening, weightDecay: weightDecay, nesterov: nesterov)
        momentumParameter = Parameter(name: "momentum", value: Tensor(scalar: momentum))
        super.init(parameters, schedule: learningRate, share: share)
        accumulators = makeState("accum")
        stats = makeState("stat", value: 1)
    }

    /// `global_step`, `learning_rate`, `momentum`, `accum.*`, `stat.*`.
    public override var state: [Parameter] { super.state + [momentumParameter] + accumulators + stats }

    /// The momentum and what belongs to it, and the weight decay.
    public override var settings: [String: String] {
        super.settings.merging([
            "momentum": "\(sgd.momentum)", "dampening": "\(sgd.dampening)", "weight-decay": "\(sgd.weightDecay)",
            "nesterov": "\(sgd.nesterov)",
        ]) { $1 }
    }

    /// Sets the momentum in the state too.
    public override func restoreSettings() {
        super.restoreSettings()
        momentumParameter.tensor.fill(with: sgd.momentum)
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let gradient = scale.map { gradient.scaled(by: $0) } ?? gradient
        let trace = gradient.trace
        trace.apply(
            .sgdUpdate(sgd),
            to: [targets[index], accumulators[index], stats[index]].map(trace.symbol) + [
                gradient, trace.symbol(for: learningRate),
            ])
    }
}
