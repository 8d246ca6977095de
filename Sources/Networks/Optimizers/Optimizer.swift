public import Graphs
import Tensors

/// How gradients change parameters (MindSpore's `nn.Optimizer`); subclasses say how.
///
/// Its state is parameters too, saved under MindSpore's names: `global_step`, `learning_rate`, `momentum`,
/// `moments.fc1.weight`, ….
open class Optimizer {
    /// The parameters it changes.
    public let trained: [Parameter]

    /// The learning rate of each step.
    public let schedule: LearningRate

    /// The scalar that graphs read the learning rate from.
    public let learningRate: Parameter

    /// How many steps have been made: an int32 [1].
    public let globalStep: Parameter

    /// Makes the state that every optimizer has. The names of the parameters must be final.
    public init(_ trained: [Parameter], schedule: LearningRate) {
        self.trained = trained
        self.schedule = schedule
        learningRate = Parameter(name: "learning_rate", value: Tensor(scalar: schedule(1)))
        globalStep = Parameter(name: "global_step", value: Tensor([Int32(0)], shape: [1]))
    }

    /// Its state, in the order in which MindSpore saves it.
    open var state: [Parameter] { [globalStep, learningRate] }

    /// Writes the update of the parameter ``trained``[index] into a graph.
    open func update(_ index: Int, gradient: Symbol) {
        fatalError("\(type(of: self)) does not say how it updates a parameter")
    }

    /// Makes ready for step `step` (from 1): sets the learning rate.
    public func prepare(step: Int) {
        learningRate.tensor.fill(with: schedule(step))
    }

    /// Counts step `step` as made.
    public func finish(step: Int) {
        globalStep.tensor.copy(from: Tensor([Int32(clamping: step)], shape: [1]))
    }

    /// A tensor for each trained parameter, all elements `value`, named "prefix.name".
    func makeState(_ prefix: String, value: Float = 0) -> [Parameter] {
        trained.map { parameter in
            let tensor = Tensor(zeros: parameter.shape)
            tensor.fill(with: value)
            return Parameter(name: "\(prefix).\(parameter.name)", value: tensor)
        }
    }
}

/// The learning rate of each step, a pure function of its number (from 1).
public struct LearningRate: Sendable, ExpressibleByFloatLiteral {
    private let rate: @Sendable (Int) -> Float

    /// Makes a schedule from a function of the step.
    public init(_ rate: @escaping @Sendable (Int) -> Float) {
        self.rate = rate
    }

    /// Makes a schedule that never changes.
    public init(floatLiteral value: Float) {
        self.init { _ in value }
    }

    /// The same rate for every step.
    public static func constant(_ rate: Float) -> LearningRate { LearningRate { _ in rate } }

    /// The rate of a step.
    public func callAsFunction(_ step: Int) -> Float { rate(step) }
}
