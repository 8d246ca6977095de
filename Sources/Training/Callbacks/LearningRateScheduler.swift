import Networks

/// Changes the learning rate while training runs (MindSpore's `LearningRateScheduler`).
///
/// After each step the function is given the learning rate and the number of the step, from 1, and returns the rate of
/// the steps to come. The rate is part of the optimizer's state, so a run that continues from a checkpoint goes on with
/// it. Where the rate depends on the step alone, a `LearningRate` of the optimizer says it more plainly. Every rank must
/// have one.
open class LearningRateScheduler: Callback {
    private let learningRateFunction: (Float, Int) -> Float

    /// Makes a scheduler.
    public init(learningRateFunction: @escaping (Float, Int) -> Float) {
        self.learningRateFunction = learningRateFunction
    }

    /// MindSpore leaves it out of the validation inside `fit`.
    open override var hearsValidation: Bool { false }

    /// Makes sure that the rate can be changed.
    ///
    /// - Throws: ``MonitorError`` if the learning rate follows a schedule.
    open override func onTrainBegin(_ runContext: RunContext) throws {
        try runContext.requireConstantLearningRate(for: "LearningRateScheduler")
        try super.onTrainBegin(runContext)
    }

    /// Sets the rate of the steps to come.
    open override func onTrainStepEnd(_ runContext: RunContext) throws {
        try super.onTrainStepEnd(runContext)
        let parameters = runContext.originalArgs()
        guard let optimizer = parameters.optimizer else { return }
        optimizer.setLearningRate(learningRateFunction(optimizer.currentLearningRate, parameters.curStepNum))
    }
}
