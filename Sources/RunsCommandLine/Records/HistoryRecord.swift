import Lockstep
import SystemPackage

/// Writes a line for each step, and measures the test samples now and then.
final class HistoryRecord: Callback {
    /// A line: what a curve is drawn from.
    struct Line: Codable {
        let step: Int
        let epoch: Int
        let loss: Float
        let learningRate: Float
        /// Before clipping.
        let gradientNorm: Float?
        let samplesPerSecond: Double
        /// Missing if samples are no text.
        let tokensPerSecond: Double?
        /// What the test samples gave; missing where they were not measured.
        let evaluation: [String: Double]?
    }

    private let path: FilePath?
    private let evaluationSteps: Int?
    private let console: Console
    private let task: TrainingTask
    private let model: Model
    private let test: DataLoader?
    private let rehearsing: [Callback]
    private var lines: StepLines<Line>?
    private var stepBegan: ContinuousClock.Instant?

    init(
        _ path: FilePath?, evaluatingEvery evaluationSteps: Int?, _ console: Console, task: TrainingTask,
        model: Model, test: DataLoader?, rehearsing: [Callback]
    ) {
        self.path = path
        self.evaluationSteps = evaluationSteps
        self.console = console
        self.task = task
        self.model = model
        self.test = test
        self.rehearsing = rehearsing
    }

    /// Only lines have it.
    override var readsGradientNorm: Bool { path != nil }

    override func onTrainBegin(_ runContext: RunContext) throws {
        guard let path, runContext.world.rank == 0 else { return }
        lines = try StepLines(path, upTo: runContext.position.step)
    }

    override func onTrainStepBegin(_ runContext: RunContext) {
        stepBegan = runContext.surroundings.now
    }

    override func onTrainStepEnd(_ runContext: RunContext) throws {
        let now = runContext.surroundings.now
        let seconds = (stepBegan ?? now).duration(to: now) / .seconds(1)
        let evaluation = try evaluationIfDue(runContext)
        guard let lines else { return }
        let run = runContext.originalArgs()
        let samplesPerSecond = Double(run.trainDataset?.batchSize ?? 0) / seconds
        try lines.append(
            Line(
                step: runContext.position.step, epoch: runContext.position.epoch, loss: run.loss ?? .nan,
                learningRate: run.learningRate ?? .nan,
                gradientNorm: run.gradientNorm, samplesPerSecond: samplesPerSecond,
                tokensPerSecond: task.tokensPerSample.map { samplesPerSecond * Double($0) }, evaluation: evaluation))
    }

    private func evaluationIfDue(_ runContext: RunContext) throws -> [String: Double]? {
        let step = runContext.position.step
        guard let test, let evaluationSteps, step % evaluationSteps == 0 else { return nil }
        // A rank that could not write its line must not leave the others alone in the evaluation.
        try runContext.meet()
        let results = try model.eval(test, callbacks: rehearsing, surroundings: runContext.surroundings)
        // None if the run was asked to stop meanwhile: what only some samples gave is not told.
        guard !results.isEmpty else { return nil }
        console.say("after step \(step): \(task.describe(results, test.dataset.count))")
        return results
    }
}
