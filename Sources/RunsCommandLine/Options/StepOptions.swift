import ArgumentParser
import Lockstep
import Terminal

/// The options that say how a step is made, whatever the network and its optimizer.
struct StepOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Scale gradients down to this norm. (default: the program's, if it has a limit)"))
    var clip: Float?

    @Option(help: "Cut a rank's samples of a step into so many parts, one after the other, to need less memory.")
    var accumulate = 1

    @Option(
        name: .customLong("on-nan"),
        help: ArgumentHelp(
            "Once the loss, the gradients or the weights are NaN or infinite: fail ends the run, warn says so and goes on.",
            valueName: "fail|warn"))
    var onNaN = NonFinitePolicy.fail

    func validate() throws {
        try checkCount("--accumulate", accumulate, atMost: RunOptions.largestBatch)
        if let clip, !(clip > 0) { throw ValidationError("--clip is \(clip); it must be above 0") }
    }

    /// The settings of a training.
    func settings(_ task: TrainingTask, _ placement: Placement) -> TrainingSettings {
        TrainingSettings(
            placement: placement, clipNorm: clip ?? task.clipNorm, accumulation: accumulate, onNaN: onNaN)
    }
}
