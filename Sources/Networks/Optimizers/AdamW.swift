public import Graphs
import LayerOperations
import Tensors

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019; MindSpore's `experimental.optim.AdamW`).
///
/// Weight decay applies to matrices, not to biases and the scales of norms, as is usual for transformers.
public final class AdamW: Optimizer {
    private let adam: AdamWSettings
    private var means: [Parameter] = []
    private var squares: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate, beta1: Float = 0.9, beta2: Float = 0.999,
        epsilon: Float = 1e-8, weightDecay: Float = 0.01, share: OptimizerShare = .whole
    ) {
        adam = .checked(beta1, beta2, epsilon, weightDecay)
        super.init(parameters, schedule: learningRate, share: share)
        means = makeState("exp_avg")
        squares = makeState("exp_avg_sq")
    }

    /// `global_step`, `learning_rate`, `exp_avg.*`, `exp_avg_sq.*`.
    public override var state: [Parameter] { super.state + means + squares }

    /// The betas, epsilon and the weight decay.
    public override var settings: [String: String] { super.settings.merging(adam.byName) { $1 } }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let trace = gradient.trace
        var settings = adam
        if trained[index].shape.rank < 2 { settings.weightDecay = 0 }
        trace.apply(
            .adamWUpdate(settings),
            to: [targets[index], means[index], squares[index]].map(trace.symbol) + [
                gradient, trace.symbol(for: learningRate),
                scale ?? trace.constant(Tensor(scalar: Float(1))), trace.symbol(for: globalStep),
            ])
    }
}
