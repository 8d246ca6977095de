public import Graphs
import LayerOperations
import Memory
import Tensors

/// Adam (Kingma and Ba, 2015; MindSpore's `nn.Adam`, of which `use_amsgrad`, `use_lazy` and `use_offload` are left out).
///
/// Weight decay is added to gradients, but not to those of parameters with "beta" or "gamma" in their names, as in MindSpore.
/// ``AdamW`` takes it off the parameters.
public final class Adam: Optimizer {
    private let weightDecay: Float
    private let nesterov: Bool
    private let moments: (beta1: Float, beta2: Float, epsilon: Float)
    private var first: [Parameter] = []
    private var second: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate = 1e-3, beta1: Float = 0.9, beta2: Float = 0.999,
        epsilon: Float = 1e-8, useNesterov: Bool = false, weightDecay: Float = 0, share: OptimizerShare = .whole
    ) {
        moments = checkedMoments(beta1, beta2, epsilon)
        self.weightDecay = weightDecay
        nesterov = useNesterov
        super.init(parameters, schedule: learningRate, share: share)
        first = makeState("moment1")
        second = makeState("moment2")
    }

    /// `global_step`, `learning_rate`, `moment1.*`, `moment2.*`.
    public override var state: [Parameter] { super.state + first + second }

    /// The betas, epsilon, the weight decay, and whether it looks ahead.
    public override var settings: [String: String] {
        super.settings.merging([
            "beta1": "\(moments.beta1)", "beta2": "\(moments.beta2)", "epsilon": "\(moments.epsilon)",
            "weight-decay": "\(weightDecay)", "nesterov": "\(nesterov)",
        ]) { $1 }
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let rule = StepUpdate.adam(
            beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon,
            weightDecay: decay(weightDecay, of: index), nesterov: nesterov)
        take(rule, of: index, [first[index], second[index]], gradient: gradient, scale: scale)
    }
}

/// Lamb: Adam whose step is in proportion to the size of each parameter (You et al., 2020; MindSpore's `nn.Lamb`).
///
/// The sizes are those of whole parameters, so that none may be divided among ranks.
public final class Lamb: Optimizer {
    private let weightDecay: Float
    private let moments: (beta1: Float, beta2: Float, epsilon: Float)
    private var first: [Parameter] = []
    private var second: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate, beta1: Float = 0.9, beta2: Float = 0.999,
        epsilon: Float = 1e-6, weightDecay: Float = 0
    ) {
        moments = checkedMoments(beta1, beta2, epsilon)
        self.weightDecay = weightDecay
        super.init(parameters, schedule: learningRate)
        refuseParts()
        first = makeState("lamb_m")
        second = makeState("lamb_v")
    }

    /// `global_step`, `learning_rate`, `lamb_m.*`, `lamb_v.*`.
    public override var state: [Parameter] { super.state + first + second }

    /// The betas, epsilon and the weight decay.
    public override var settings: [String: String] {
        super.settings.merging([
            "beta1": "\(moments.beta1)", "beta2": "\(moments.beta2)", "epsilon": "\(moments.epsilon)",
            "weight-decay": "\(weightDecay)",
        ]) { $1 }
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let rule = StepUpdate.lamb(
            beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon,
            weightDecay: decay(weightDecay, of: index))
        take(rule, of: index, [first[index], second[index]], gradient: gradient, scale: scale)
    }
}

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
        let checked = checkedMoments(beta1, beta2, 1)
        betas = (checked.beta1, checked.beta2)
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

/// The numbers of an optimizer with two moments; ends the program for those with which it cannot work.
func checkedMoments(_ beta1: Float, _ beta2: Float, _ epsilon: Float) -> (beta1: Float, beta2: Float, epsilon: Float) {
    for (name, beta) in [("beta1", beta1), ("beta2", beta2)] {
        insist(beta >= 0 && beta < 1, "\(name) is from 0 to below 1, not \(beta)")
    }
    insist(epsilon > 0, "epsilon is above 0, not \(epsilon)")
    return (beta1, beta2, epsilon)
}

extension Optimizer {
    /// The weight decay of a parameter: none for scales and shifts of norms, which MindSpore tells by their names.
    func decay(_ weightDecay: Float, of index: Int) -> Float {
        let name = trained[index].name
        return name.contains("beta") || name.contains("gamma") ? 0 : weightDecay
    }

    /// Writes a step of a parameter and its state into a graph.
    func take(_ rule: StepUpdate, of index: Int, _ state: [Parameter], gradient: Symbol, scale: Symbol?) {
        let (trace, gradient) = (gradient.trace, scale.map { gradient.scaled(by: $0) } ?? gradient)
        trace.apply(
            rule,
            to: ([targets[index]] + state).map(trace.symbol) + [
                gradient, trace.symbol(for: learningRate), trace.symbol(for: globalStep),
            ])
    }

    /// Ends the program for a parameter of which this rank has a part.
    func refuseParts() {
        for parameter in trained where parameter.sharding != nil {
            misuse(
                "\(type(of: self)) measures whole parameters, and \(parameter.name) is divided among ranks; take AdamW, or no tp"
            )
        }
    }
}
