public import Graphs
import LayerOperations
import Tensors

/// Lamb: Adam whose step is in proportion to the size of each parameter (You et al., 2020; MindSpore's `nn.Lamb`).
///
/// The sizes are those of whole parameters, so that none may be divided among ranks.
public final class Lamb: Optimizer {
    private let moments: AdamWSettings
    private var first: [Parameter] = []
    private var second: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate, beta1: Float = 0.9, beta2: Float = 0.999,
        epsilon: Float = 1e-6, weightDecay: Float = 0
    ) {
        moments = .checked(beta1, beta2, epsilon, weightDecay)
        super.init(parameters, schedule: learningRate)
        refuseParts()
        first = makeState("lamb_m")
        second = makeState("lamb_v")
    }

    /// `global_step`, `learning_rate`, `lamb_m.*`, `lamb_v.*`.
    public override var state: [Parameter] { super.state + first + second }

    /// The betas, epsilon and the weight decay.
    public override var settings: [String: String] { super.settings.merging(moments.byName) { $1 } }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let rule = StepUpdate.lamb(
            beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon,
            weightDecay: decay(moments.weightDecay, of: index))
        take(rule, of: index, [first[index], second[index]], gradient: gradient, scale: scale)
    }
}
