public import Graphs
import Memory
import Tensors

/// How gradients change parameters (MindSpore's `nn.Optimizer`); subclasses say how.
///
/// Its state is parameters too, saved under MindSpore's names: `global_step`, `learning_rate`, `momentum`,
/// `moments.fc1.weight`, ….
open class Optimizer {
    /// The parameters it changes.
    public let trained: [Parameter]

    /// What this rank changes itself: each of ``trained``, or the rows of it that are its share.
    public let targets: [Parameter]

    /// The learning rate of each step.
    public let schedule: LearningRate

    /// The scalar that graphs read the learning rate from.
    ///
    /// Under a constant ``schedule`` it is the rate: ``setLearningRate(_:)`` changes it, it is saved with the state, and
    /// a run that continues from a checkpoint goes on with what it finds there. Under any other it is set anew before
    /// each step.
    public let learningRate: Parameter

    /// How many steps have been made: an int32 [1].
    public let globalStep: Parameter

    /// Makes the state that every optimizer has. The names of the parameters must be final. Those that need no gradient are
    /// left out.
    public init(_ parameters: [Parameter], schedule: LearningRate, share: OptimizerShare = .whole) {
        let trained = parameters.filter(\.requiresGradient)
        insist(
            !trained.isEmpty,
            "\(type(of: self)) has no parameters to change; "
                + (parameters.isEmpty
                    ? "give it those of a network that is made whole"
                    : "all \(parameters.count) that it was given are frozen by requiresGradient = false"))
        refuseDoubles(trained)
        self.trained = trained
        targets = trained.map { share.part(of: $0) }
        self.schedule = schedule
        learningRate = Parameter(name: "learning_rate", value: Tensor(scalar: schedule(1)))
        globalStep = Parameter(name: "global_step", value: Tensor([Int32(0)], shape: [1]))
    }

    /// Makes an optimizer that leaves updates to others.
    init(_ trained: [Parameter], schedule: LearningRate, targets: [Parameter], learningRate: Parameter) {
        refuseDoubles(trained)
        self.trained = trained
        self.targets = targets
        self.schedule = schedule
        self.learningRate = learningRate
        globalStep = Parameter(name: "global_step", value: Tensor([Int32(0)], shape: [1]))
    }

    /// Its state, in the order in which MindSpore saves it.
    open var state: [Parameter] { [globalStep, learningRate] }

    /// The settings that change what it computes, by name: a run that carries on must have the same. A subclass adds its own.
    open var settings: [String: String] {
        // What is absent is said too: who left it out could not be told from who never had it.
        [
            "optimizer": "\(type(of: self))", "trained": "\(trained.count) parameters", "warm-up": "0",
            "ema-decay": "none",
        ].merging(schedule.settings) { $1 }
    }

    /// The schedules that are functions of somebody's own, of which ``settings`` cannot say everything.
    package var functionSchedules: [LearningRate] { schedule.isFunction ? [schedule] : [] }

    /// Resets the settings in its state to the values that it was made with, where a run is carried on with other settings on
    /// purpose.
    open func restoreSettings() {
        if schedule.isConstant { learningRate.tensor.fill(with: schedule(1)) }
    }

    /// Writes the update of ``targets``[index] into a graph, by its gradient times `scale`.
    open func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        misuse("\(type(of: self)) does not say how it updates a parameter")
    }

    /// Makes ready for step `step` (from 1): sets the learning rate that the schedule has for it.
    open func prepare(step: Int) {
        guard !schedule.isConstant else { return }
        learningRate.tensor.fill(with: schedule(step))
    }

    /// Makes all later steps use `rate`; only a constant ``schedule`` can be changed like this.
    open func setLearningRate(_ rate: Float) {
        insist(schedule.isConstant, "the learning rate follows a schedule, so it cannot be set to \(rate)")
        learningRate.tensor.fill(with: rate)
    }

    /// Counts step `step` as made.
    open func finish(step: Int) {
        let count = globalStep.tensor.slice(of: Int32.self)
        var target = count.mutableSpan
        target[0] = Int32(clamping: step)
    }

    /// A tensor for each of ``targets``, and of its shape, all elements `value`, named "prefix.name": the state of an optimizer
    /// of your own, which must return it from ``state`` too. Of a parameter of which ranks update a share each, a rank has the
    /// state of its rows only.
    public func makeState(_ prefix: String, value: Float = 0) -> [Parameter] {
        targets.map { $0.state(named: "\(prefix).\($0.name)", value: value) }
    }
}
