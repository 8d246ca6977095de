import Foundation
import Lockstep

/// A callback of your own: says the average loss of each epoch. What it has summed up is kept with the run, so an epoch that was
/// stopped in the middle and carried on has the average of all its steps.
final class AverageLoss: Callback, StatefulCallback {
    struct Sum: Codable {
        var total = 0.0
        var steps = 0
    }

    var keptState = Sum()

    override func onTrainStepEnd(_ runContext: RunContext) {
        keptState.total += Double(runContext.originalArgs().loss ?? 0)
        keptState.steps += 1
    }

    override func onTrainEpochEnd(_ runContext: RunContext) {
        // A run that is stopped in the middle of an epoch comes here too.
        guard runContext.position.stepInEpoch == runContext.originalArgs().batchNum else { return }
        let average = keptState.total / Double(max(keptState.steps, 1))
        let epoch = runContext.originalArgs().curEpochNum ?? 0
        if runContext.world.rank == 0 { print("average loss of epoch \(epoch): " + String(format: "%.4f", average)) }
        keptState = Sum()
    }
}
