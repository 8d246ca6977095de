public import Drills
public import Training

/// Does drills at the moments that callbacks hear of.
///
/// Put it first into the list of callbacks, behind a ``Watchdog``: then a drill comes before what others do in a hook.
public final class DrillCallback: Callback {
    private let runner: DrillRunner
    private var epochs = 0
    private var evaluations = 0

    /// Makes a callback.
    public init(_ runner: DrillRunner) {
        self.runner = runner
    }

    /// Does the drills before a step.
    public override func onTrainStepBegin(_ runContext: RunContext) throws {
        runner.isTraining = true
        let step = runContext.position.step + 1
        try runner.reach(.step(step))
        try runner.reach(.everyStep)
        if step == runContext.lastStep { try runner.reach(.lastStep) }
        stopIfWanted(runContext)
    }

    /// Asks for a stop if a drill wants one, perhaps in a save meanwhile.
    public override func onTrainStepEnd(_ runContext: RunContext) { stopIfWanted(runContext) }

    /// Does the drills of an evaluation in its first step.
    public override func onEvalStepBegin(_ runContext: RunContext) throws {
        guard runContext.originalArgs().curStepNum == 1 else { return }
        evaluations += 1
        try runner.reach(.evaluation(evaluations))
        stopIfWanted(runContext)
    }

    /// Does the drills between two epochs.
    public override func onTrainEpochEnd(_ runContext: RunContext) throws {
        epochs += 1
        try runner.reach(.epoch(epochs))
        stopIfWanted(runContext)
    }

    /// Does the drills before the exit checkpoint.
    public override func onTrainEnd(_ runContext: RunContext) throws {
        if runContext.agreedStop != nil { try runner.reach(.stopping) }
    }

    private func stopIfWanted(_ runContext: RunContext) {
        if runner.wantsStop { runContext.requestStop() }
    }
}
