public import Graphs
import LayerOperations
import Memory
import Tensors

/// An optimizer that also keeps an average of the parameters' values over the last steps, which often does better than the values
/// themselves (Polyak and Juditsky, 1992; "EMA").
///
/// ```swift
/// let optimizer = AveragedOptimizer(AdamW(network.parameters, learningRate: 1e-3), decay: 0.999)
/// try model.train(…)
/// try optimizer.withAverages { try model.eval(…) }
/// ```
///
/// After each step average ← decay · average + (1 − decay) · value; the first one makes it the value. Averages are saved with the state,
/// as `ema.*`, and divided among ranks as the parameters are.
public final class AveragedOptimizer: Optimizer {
    /// What changes the parameters.
    public let base: Optimizer

    /// The share that averages keep of themselves.
    public let decay: Float

    private var averages: [Parameter] = []

    /// Keeps averages of what an optimizer changes. It must change whole parameters, not a share of each.
    public init(_ base: Optimizer, decay: Float = 0.999) {
        insist(decay >= 0 && decay < 1, "an average keeps from 0 to below 1 of itself, not \(decay)")
        insist(
            zip(base.trained, base.targets).allSatisfy { $0 === $1 },
            "AveragedOptimizer averages parameters that each rank changes itself; make \(type(of: base)) without a share"
        )
        self.base = base
        self.decay = decay
        super.init(base.trained, schedule: base.schedule, targets: base.targets, learningRate: base.learningRate)
        averages = makeState("ema")
    }

    /// The state of the optimizer, then `ema.*`.
    public override var state: [Parameter] { base.state.map { $0 === base.globalStep ? globalStep : $0 } + averages }

    /// Those of the optimizer, and how long averages last.
    public override var settings: [String: String] { base.settings.merging(["ema-decay": "\(decay)"]) { $1 } }

    package override var functionSchedules: [LearningRate] { base.functionSchedules }

    /// Resets those of the optimizer.
    public override func restoreSettings() { base.restoreSettings() }

    /// Writes the update of one parameter, and of its average, into a graph.
    public override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        base.update(index, gradient: gradient, scale: scale)
        let trace = gradient.trace
        trace.apply(
            AverageUpdate(decay: decay),
            to: [averages[index], trained[index], globalStep].map(trace.symbol))
    }

    /// Makes the optimizer ready; after a load it counts from the step that was saved.
    public override func prepare(step: Int) {
        base.globalStep.tensor.copy(from: globalStep.tensor)
        base.prepare(step: step)
    }

    /// Counts the step as made, in the optimizer too.
    public override func finish(step: Int) {
        super.finish(step: step)
        base.finish(step: step)
    }

    /// Runs `body` with the averages in the place of the parameters' values.
    public func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        let kept = trained.map { $0.copy(named: $0.name) }
        for (parameter, average) in zip(trained, averages) { parameter.tensor.copy(from: average.tensor) }
        defer { for (parameter, value) in zip(trained, kept) { parameter.tensor.copy(from: value.tensor) } }
        return try body()
    }
}
