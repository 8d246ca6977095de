public import Graphs
import LayerOperations
import Memory
import Tensors

/// Adafactor: of the squares of a matrix only the means of rows and columns are kept (Shazeer and Stern, 2018; MindSpore's
/// `nn.AdaFactor`, of which `compression` is left out).
///
/// The means are those of whole parameters, so that none may be divided among ranks.
public final class AdaFactor: Optimizer {
    private let weightDecay: Float
    private let rule: AdafactorSettings
    private var squares: [[Parameter]] = []
    private var moments: [Parameter] = []

    /// Makes an optimizer of `parameters`, whose names must be final.
    ///
    /// - Parameters:
    ///   - learningRate: By default that of the step alone (MindSpore's `relative_step`).
    ///   - beta1: The share that a moment keeps; nil for none.
    ///   - scaleParameter: Whether the rate is times the size of each parameter.
    public init(
        _ parameters: [Parameter], learningRate: LearningRate = .relativeToStep(), eps: (Float, Float) = (1e-30, 1e-3),
        clipThreshold: Float = 1, decayRate: Float = 0.8, beta1: Float? = 0.9, weightDecay: Float = 0,
        scaleParameter: Bool = true
    ) {
        insistOnNumbers(["eps.0": eps.0, "eps.1": eps.1, "clipThreshold": clipThreshold])
        insist(clipThreshold > 0, "clipThreshold is above 0, not \(clipThreshold)")
        insist((0...1).contains(decayRate), "decayRate is from 0 to 1, not \(decayRate)")
        insistOnShares(["beta1": beta1 ?? 0, "weightDecay": weightDecay])
        var rule = AdafactorSettings()
        (rule.squareEpsilon, rule.parameterEpsilon) = eps
        rule.clipThreshold = clipThreshold
        rule.decayRate = decayRate
        rule.beta1 = beta1
        rule.scaleParameter = scaleParameter
        self.rule = rule
        self.weightDecay = weightDecay
        super.init(parameters, schedule: learningRate)
        refuseParts()
        moments = beta1 == nil ? [] : makeState("exp_avg")
        squares = targets.map(Self.meanSquares)
    }

    /// The mean squares of rows and columns of a matrix, or all squares of a vector.
    private static func meanSquares(of parameter: Parameter) -> [Parameter] {
        let dimensions = parameter.shape.dimensions
        func state(_ prefix: String, _ dimensions: [Int]) -> Parameter {
            Parameter(name: "\(prefix).\(parameter.name)", value: Tensor(zeros: Shape(dimensions)))
        }
        guard dimensions.count > 1 else { return [state("exp_avg_sq", dimensions)] }
        return [
            state("exp_avg_sq_row", Array(dimensions.dropLast())),
            state("exp_avg_sq_col", Array(dimensions.dropLast(2)) + [dimensions[dimensions.count - 1]]),
        ]
    }

    /// `global_step`, `learning_rate`, `exp_avg.*` with a moment, and `exp_avg_sq_row.*` and `exp_avg_sq_col.*` or
    /// `exp_avg_sq.*`.
    public override var state: [Parameter] { super.state + moments + squares.flatMap(\.self) }

    /// All that it was made with.
    public override var settings: [String: String] {
        super.settings.merging(["adafactor": "\(rule)", "weight-decay": "\(weightDecay)"]) { $1 }
    }

    /// Writes the update of one parameter into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let update = StepUpdate.adafactor(rule, weightDecay: decay(weightDecay, of: index))
        let state = squares[index] + (moments.isEmpty ? [] : [moments[index]])
        take(update, of: index, state, gradient: gradient, scale: scale)
    }
}

extension LearningRate {
    /// 1 / √step, at most 0.01, or 1e-6 · step while warming up: the rate of ``AdaFactor`` if it is given none (MindSpore's
    /// `relative_step` and `warmup_init`).
    public static func relativeToStep(warmsUp: Bool = false) -> LearningRate {
        let name = "1 / √step" + (warmsUp ? " after warming up" : "")
        return LearningRate(settings: ["learning-rate": name]) { step in
            min(warmsUp ? 1e-6 * Float(step) : 0.01, 1 / Float(step).squareRoot())
        }
    }
}
