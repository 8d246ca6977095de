public import Graphs
import Kernels
import LayerKernels
import Memory
public import Tensors

/// A step of an optimizer, in place: parameter, its state, gradient, learning rate, the number of steps that were made before.
///
/// A table has a line for each: what it is called, its settings, and the kernel.
public struct StepUpdate: Operation, Sendable {
    /// What it is called.
    public let name: String

    private let settings: String
    private let hasAnyState: Bool
    private let body: @Sendable (StepOperands) -> Void

    init(
        _ name: String, _ settings: String, hasAnyState: Bool = false,
        _ body: @escaping @Sendable (StepOperands) -> Void
    ) {
        self.name = name
        self.settings = settings
        self.hasAnyState = hasAnyState
        self.body = body
    }

    /// Its settings.
    public var description: String { "\(name)(\(settings))" }

    /// An update.
    public var role: OperationRole { .update }

    /// Int32 for the number of steps.
    public func elementType(ofInput index: Int) -> ElementType? { nil }

    /// None: it changes its first inputs.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs.count >= 4, "needs a parameter, a gradient, a learning rate and a count, not", inputs)
        let values = hasAnyState ? [inputs[0], inputs[inputs.count - 3]] : Array(inputs.dropLast(2))
        try demand(values.allSatisfy { $0 == TensorType(inputs[0].shape) }, "needs values of one shape, not", inputs)
        try demand(inputs[inputs.count - 2] == TensorType(.scalar), "needs a scalar learning rate, not", inputs)
        try demand(inputs[inputs.count - 1].elementType == .int32, "needs an int32 count, not", inputs)
        return []
    }

    /// See ``StepUpdate``.
    public func kernel(_ operands: Operands) -> () -> Void {
        let count = operands.inputs.count
        let values = (0..<count - 2).map(operands.input)
        let (rate, steps) = (operands.input(count - 2), operands.integers(count - 1))
        let shape = operands.shape.dimensions
        return { [body, pool = operands.pool] in
            // A checkpoint may claim any number of steps.
            let step = Int(max(steps.span[0], 0)) + 1
            body(StepOperands(values: values, shape: shape, rate: rate.span[0], step: step, pool: pool))
        }
    }
}

/// What a step reads and writes.
struct StepOperands {
    /// The parameter, its state, the gradient.
    let values: [Slice<Float>]
    let shape: [Int]
    let rate: Float
    let step: Int
    let pool: ThreadPool

    var gradient: Slice<Float> { values[values.count - 1] }
}

/// The table.
extension StepUpdate {
    /// MindSpore's `nn.Adam`; the state is two moments.
    package static func adam(
        beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, nesterov: Bool
    ) -> StepUpdate {
        StepUpdate("adamUpdate", "\(beta1), \(beta2), \(epsilon), \(weightDecay), \(nesterov)") { x in
            let (parameter, first, second, gradient) = (x.values[0], x.values[1], x.values[2], x.gradient)
            var p = parameter.mutableSpan
            var m = first.mutableSpan
            var v = second.mutableSpan
            LayerKernels.adamUpdate(
                &p, m: &m, v: &v, gradient: gradient.span, learningRate: x.rate, beta1: exact(beta1),
                beta2: exact(beta2), epsilon: epsilon, weightDecay: weightDecay, nesterov: nesterov, step: x.step,
                pool: x.pool)
        }
    }

    /// MindSpore's `nn.Lamb`; the state is two moments.
    package static func lamb(beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float) -> StepUpdate {
        StepUpdate("lambUpdate", "\(beta1), \(beta2), \(epsilon), \(weightDecay)") { x in
            let (parameter, first, second, gradient) = (x.values[0], x.values[1], x.values[2], x.gradient)
            var p = parameter.mutableSpan
            var m = first.mutableSpan
            var v = second.mutableSpan
            LayerKernels.lambUpdate(
                &p, m: &m, v: &v, gradient: gradient.span, learningRate: x.rate, beta1: exact(beta1),
                beta2: exact(beta2), epsilon: epsilon, weightDecay: weightDecay, step: x.step, pool: x.pool)
        }
    }

    /// Lion; the state is a moment.
    package static func lion(beta1: Float, beta2: Float, weightDecay: Float) -> StepUpdate {
        StepUpdate("lionUpdate", "\(beta1), \(beta2), \(weightDecay)") { x in
            let (parameter, moment, gradient) = (x.values[0], x.values[1], x.gradient)
            var p = parameter.mutableSpan
            var m = moment.mutableSpan
            LayerKernels.lionUpdate(
                &p, m: &m, gradient: gradient.span, learningRate: x.rate, beta1: exact(beta1), beta2: exact(beta2),
                weightDecay: weightDecay, pool: x.pool)
        }
    }

    /// MindSpore's `nn.Adagrad`; the state is the sum of squares.
    package static func adagrad(weightDecay: Float, updatesSlots: Bool) -> StepUpdate {
        StepUpdate("adagradUpdate", "\(weightDecay), \(updatesSlots)") { x in
            let (parameter, squares, gradient) = (x.values[0], x.values[1], x.gradient)
            var p = parameter.mutableSpan
            var accumulation = squares.mutableSpan
            LayerKernels.adagradUpdate(
                &p, accumulation: &accumulation, gradient: gradient.span, learningRate: x.rate,
                weightDecay: weightDecay, updatesSlots: updatesSlots, pool: x.pool)
        }
    }

    /// MindSpore's `nn.RMSProp`; the state is the mean square and the moment, and the mean gradient before them if `centered`.
    package static func rmsProp(
        decay: Float, momentum: Float, epsilon: Float, weightDecay: Float, centered: Bool
    ) -> StepUpdate {
        let settings = "\(decay), \(momentum), \(epsilon), \(weightDecay)"
        guard centered else {
            return StepUpdate("rmsPropUpdate", settings) { x in
                let (parameter, squares, moment, gradient) = (x.values[0], x.values[1], x.values[2], x.gradient)
                var p = parameter.mutableSpan
                var meanSquare = squares.mutableSpan
                var velocity = moment.mutableSpan
                LayerKernels.rmsPropUpdate(
                    &p, meanSquare: &meanSquare, moment: &velocity, gradient: gradient.span, learningRate: x.rate,
                    decay: decay, momentum: momentum, epsilon: epsilon, weightDecay: weightDecay, pool: x.pool)
            }
        }
        return StepUpdate("centeredRMSPropUpdate", settings) { x in
            let (parameter, mean, squares) = (x.values[0], x.values[1], x.values[2])
            let (moment, gradient) = (x.values[3], x.gradient)
            var p = parameter.mutableSpan
            var meanGradient = mean.mutableSpan
            var meanSquare = squares.mutableSpan
            var velocity = moment.mutableSpan
            LayerKernels.centeredRMSPropUpdate(
                &p, meanGradient: &meanGradient, meanSquare: &meanSquare, moment: &velocity, gradient: gradient.span,
                learningRate: x.rate, decay: decay, momentum: momentum, epsilon: epsilon, weightDecay: weightDecay,
                pool: x.pool)
        }
    }
}

/// The number that a setting was written as: 1 − 0.999 in single precision is off by 1e-5.
func exact(_ number: Float) -> Double { Double("\(number)") ?? Double(number) }
