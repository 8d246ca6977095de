public import Graphs
import LayerOperations
import Tensors

/// Lion: steps of one size, in the direction of a moment's sign (Chen et al., 2023). MindSpore has none.
///
/// Weight decay is taken off the parameters, but for those with "beta" or "gamma" in their names.
public final class Lion: Optimizer {
    private let weightDecay: Float
    private let betas: (first: Float, second: Float)
    private var moments: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate = 1e-4, beta1: Float = 0.9, beta2: Float = 0.99,
        weightDecay: Float = 0, share: OptimizerShare = .whole
    ) {
        insistOnShares(["beta1": beta1, "beta2": beta2])
        insistOnNumbers(["weightDecay": weightDecay])
        betas = (beta1, beta2)
        self.weightDecay = weightDecay
        super.init(parameters, schedule: learningRate, share: share)
        moments = makeState("exp_avg")
    }

    /// `global_step`, `learning_rate`, `exp_avg.*`.
    public override var state: [Parameter] { super.state + moments }

    /// The betas and the weight decay.
    public override var settings: [String: String] {
        super.settings.merging([
            "beta1": "\(betas.first)", "beta2": "\(betas.second)", "weight-decay": "\(weightDecay)",
        ]) { $1 }
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let rule = StepUpdate.lion(
            beta1: betas.first, beta2: betas.second, weightDecay: decay(weightDecay, of: index))
        take(rule, of: index, [moments[index]], gradient: gradient, scale: scale)
    }
}
