import Graphs
import Kernels
import LayerKernels
import Memory

/// The settings of Adafactor, with MindSpore's names and defaults.
public struct AdafactorSettings: Hashable, Sendable {
    /// Added to squares (the first of MindSpore's `eps`).
    public var squareEpsilon: Float = 1e-30
    /// The least size that a parameter counts as having (the second).
    public var parameterEpsilon: Float = 1e-3
    /// The root mean square that an update has at most.
    public var clipThreshold: Float = 1
    /// Says how fast squares are forgotten.
    public var decayRate: Float = 0.8
    /// The share that the moment keeps; nil for no moment.
    public var beta1: Float? = 0.9
    /// Whether the rate is times the parameter's own size.
    public var scaleParameter = true

    /// MindSpore's defaults.
    public init() {}
}

extension StepUpdate {
    /// Adafactor. The state is, for a parameter of two dimensions and more, the mean squares of rows and columns, else all
    /// squares; then the moment, if there is one.
    package static func adafactor(_ settings: AdafactorSettings, weightDecay: Float) -> StepUpdate {
        StepUpdate("adafactorUpdate", "\(settings), \(weightDecay)", hasAnyState: true) { x in
            var step = AdafactorStep(learningRate: x.rate, step: x.step)
            step.epsilon = (settings.squareEpsilon, settings.parameterEpsilon)
            step.clipThreshold = settings.clipThreshold
            step.decayRate = exact(settings.decayRate)
            step.beta1 = settings.beta1
            step.weightDecay = weightDecay
            step.scaleParameter = settings.scaleParameter
            let (isMatrix, parameter, gradient) = (x.shape.count > 1, x.values[0], x.gradient)
            let last = x.values[x.values.count - 2]
            let moment = settings.beta1 == nil ? last[0..<0] : last
            let (first, second) = (x.values[1], x.values[isMatrix ? 2 : 1])
            var p = parameter.mutableSpan
            var m = moment.mutableSpan
            var squares = first.mutableSpan
            guard isMatrix else {
                return LayerKernels.adafactorUpdate(
                    &p, squares: &squares, moment: &m, gradient: gradient.span, step: step, pool: x.pool)
            }
            var ofColumns = second.mutableSpan
            let (rows, columns) = (x.shape[x.shape.count - 2], x.shape[x.shape.count - 1])
            LayerKernels.adafactorUpdate(
                &p, rowSquares: &squares, columnSquares: &ofColumns, moment: &m, gradient: gradient.span,
                matrices: x.shape.dropLast(2).reduce(1, *), rows: rows, columns: columns, step: step, pool: x.pool)
        }
    }
}
