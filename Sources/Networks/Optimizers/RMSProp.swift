public import Graphs
import LayerOperations
import Memory
import Tensors

/// Steps divided by the root of a mean of squares (Tieleman and Hinton, 2012; MindSpore's `nn.RMSProp`).
public final class RMSProp: Optimizer {
    private let weightDecay: Float
    private let centered: Bool
    private let rule: (decay: Float, momentum: Float, epsilon: Float)
    private var gradients: [Parameter] = []
    private var squares: [Parameter] = []
    private var moments: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    ///
    /// - Parameter centered: Whether squares are those of the distance from the mean gradient.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate = 0.1, decay: Float = 0.9, momentum: Float = 0,
        epsilon: Float = 1e-10, centered: Bool = false, weightDecay: Float = 0, share: OptimizerShare = .whole
    ) {
        insistOnNumbers(["decay": decay, "momentum": momentum, "weightDecay": weightDecay])
        insist(epsilon > 0 && epsilon.isFinite, "epsilon is a finite number above 0, not \(epsilon)")
        rule = (decay, momentum, epsilon)
        self.centered = centered
        self.weightDecay = weightDecay
        super.init(parameters, schedule: learningRate, share: share)
        gradients = centered ? makeState("mean_grad") : []
        squares = makeState("mean_square", value: 1)
        moments = makeState("moment")
    }

    /// `global_step`, `learning_rate`, `mean_grad.*` if it is centered, `mean_square.*`, `moment.*`.
    public override var state: [Parameter] { super.state + gradients + squares + moments }

    /// The decay, momentum, epsilon, whether it is centered, and the weight decay.
    public override var settings: [String: String] {
        super.settings.merging([
            "decay": "\(rule.decay)", "momentum": "\(rule.momentum)", "epsilon": "\(rule.epsilon)",
            "centered": "\(centered)", "weight-decay": "\(weightDecay)",
        ]) { $1 }
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let update = StepUpdate.rmsProp(
            decay: rule.decay, momentum: rule.momentum, epsilon: rule.epsilon,
            weightDecay: decay(weightDecay, of: index), centered: centered)
        let state = (centered ? [gradients[index]] : []) + [squares[index], moments[index]]
        take(update, of: index, state, gradient: gradient, scale: scale)
    }
}
