import Lockstep

/// An optimizer of your own (Hinton's RMSProp): s ← decay · s + (1 − decay) · g², then p ← p − rate · g / (√s + ε).
///
/// It is written in symbols, like a layer: `assign` makes a parameter what a value is. The mean of squares is saved with
/// the run as "square.NAME". Where each rank is to update a share of the parameters, it holds the squares of that alone.
final class RootMeanSquare: Optimizer {
    let decay: Float
    private var squares: [Parameter] = []

    init(
        _ parameters: [Parameter], learningRate: LearningRate, decay: Float = 0.9, share: OptimizerShare = .whole
    ) {
        self.decay = decay
        super.init(parameters, schedule: learningRate, share: share)
        squares = makeState("square")
    }

    override var state: [Parameter] { super.state + squares }

    /// What a run that carries on must have alike.
    override var settings: [String: String] { super.settings.merging(["decay": "\(decay)"]) { $1 } }

    override func update(_ index: Int, gradient: Symbol, scale: Symbol? = nil) {
        let trace = gradient.trace
        let g = scale.map { gradient.scaled(by: $0) } ?? gradient
        let square = trace.symbol(for: squares[index]) * decay + g.square() * (1 - decay)
        let step = (g / (square.sqrt() + 1e-8)).scaled(by: trace.symbol(for: learningRate))
        let moved = trace.symbol(for: targets[index]) - step
        trace.assign(square, to: squares[index])
        trace.assign(moved, to: targets[index])
    }
}
