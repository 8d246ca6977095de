public import Graphs
import LayerOperations
import Memory
import Tensors

/// Steps divided by the root of the sum of squares (Duchi et al., 2011; MindSpore's `nn.Adagrad`).
public final class Adagrad: Optimizer {
    private let weightDecay: Float
    private let updatesSlots: Bool
    private let accum: Float
    private var sums: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final; sums begin with `accum`.
    public init(
        _ parameters: [Parameter], accum: Float = 0.1, learningRate: LearningRate = 1e-3, updateSlots: Bool = true,
        weightDecay: Float = 0, share: OptimizerShare = .whole
    ) {
        insist(accum > 0 && accum.isFinite, "accum is a finite number above 0, not \(accum)")
        insistOnNumbers(["weightDecay": weightDecay])
        self.accum = accum
        updatesSlots = updateSlots
        self.weightDecay = weightDecay
        super.init(parameters, schedule: learningRate, share: share)
        sums = makeState("accum", value: accum)
    }

    /// `global_step`, `learning_rate`, `accum.*`.
    public override var state: [Parameter] { super.state + sums }

    /// What sums begin with, whether they grow, and the weight decay.
    public override var settings: [String: String] {
        super.settings.merging([
            "accum": "\(accum)", "update-slots": "\(updatesSlots)", "weight-decay": "\(weightDecay)",
        ]) { $1 }
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let rule = StepUpdate.adagrad(weightDecay: decay(weightDecay, of: index), updatesSlots: updatesSlots)
        take(rule, of: index, [sums[index]], gradient: gradient, scale: scale)
    }
}
