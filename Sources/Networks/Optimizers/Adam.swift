public import Graphs
import LayerOperations
import Tensors

/// Adam (Kingma and Ba, 2015; MindSpore's `nn.Adam`, of which `use_amsgrad`, `use_lazy` and `use_offload` are left out).
///
/// Weight decay is added to gradients, but not to those of parameters with "beta" or "gamma" in their names, as in MindSpore.
/// ``AdamW`` takes it off the parameters.
public final class Adam: Optimizer {
    private let nesterov: Bool
    private let moments: AdamWSettings
    private var first: [Parameter] = []
    private var second: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999,
        epsilon: Float = 1e-8, useNesterov: Bool = false, weightDecay: Float = 0, share: OptimizerShare = .whole
    ) {
        moments = .checked(beta1, beta2, epsilon, weightDecay)
        nesterov = useNesterov
        super.init(parameters, schedule: learningRate, share: share)
        first = makeState("moment1")
        second = makeState("moment2")
    }

    /// `global_step`, `learning_rate`, `moment1.*`, `moment2.*`.
    public override var state: [Parameter] { super.state + first + second }

    /// The betas, epsilon, the weight decay, and whether it looks ahead.
    public override var settings: [String: String] {
        super.settings.merging(moments.byName) { $1 }.merging(["nesterov": "\(nesterov)"]) { $1 }
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let rule = StepUpdate.adam(
            beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon,
            weightDecay: decay(moments.weightDecay, of: index), nesterov: nesterov)
        take(rule, of: index, [first[index], second[index]], gradient: gradient, scale: scale)
    }
}
