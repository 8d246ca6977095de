import ArgumentParser
import Lockstep

/// The options of a GPT.
struct GPTOptions: ParsableArguments {
    private static let presetNames = GPTSizes.presets.map(\.name).joined(separator: ", ")

    @Option(help: "Sizes of the GPT: \(presetNames).")
    var preset = "3m"

    @Option(help: "Blocks of the GPT. (default: the preset's)")
    var layers: Int?

    @Option(help: "Width of the GPT. (default: the preset's)")
    var width: Int?

    @Option(help: "Heads of an attention. (default: the preset's)")
    var heads: Int?

    @Option(help: "Bytes of a sample. (default: the preset's)")
    var length: Int?

    @Option(help: "The share of elements that are dropped in training. (default: the preset's)")
    var dropout: Float?

    @Flag(help: "Give the last layer a table of its own.")
    var untiedHead = false

    @Option(help: "Steps of a GPT's run.")
    var steps = 1400

    @Option(help: "Steps in which a GPT's learning rate rises.")
    var warmUp = 100

    @Flag(help: "Let each rank keep and update only its share of the optimizer's state.")
    var shardOptimizer = false

    func validate() throws {
        guard steps > 0 else { throw ValidationError("--steps is \(steps); it must be at least 1") }
        guard warmUp >= 0 else { throw ValidationError("--warm-up is \(warmUp); it must not be negative") }
        _ = try sizes(over: 1)
    }

    /// The sizes, which `parts` ranks have to be able to share.
    func sizes(over parts: Int) throws -> GPTSizes {
        guard var sizes = GPTSizes.presets.first(where: { $0.name == preset })?.sizes else {
            throw ValidationError("--preset is \(preset); it must be one of \(Self.presetNames)")
        }
        sizes.layers = layers ?? sizes.layers
        sizes.width = width ?? sizes.width
        sizes.heads = heads ?? sizes.heads
        sizes.length = length ?? sizes.length
        sizes.dropout = dropout ?? sizes.dropout
        if untiedHead { sizes.tiesHead = false }
        if let problem = sizes.problem(over: parts) { throw ValidationError(problem) }
        return sizes
    }
}

/// The options of optimizers.
struct OptimizerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The highest learning rate; it falls along a cosine. (default: the model's)"))
    var learningRate: Float?

    @Option(help: "How much of LeNet-5's last step is kept.")
    var momentum: Float = 0.9

    @Option(help: ArgumentHelp("How much of a parameter is taken off in a step. (default: the model's)"))
    var weightDecay: Float?

    @Option(help: ArgumentHelp("Scale gradients down to this norm. (default: 1 for a GPT, else no limit)"))
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
        guard accumulate >= 1 else {
            throw ValidationError("--accumulate is \(accumulate); it must be at least 1")
        }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate is \(learningRate); it must be above 0")
        }
        guard (0..<1).contains(momentum) else {
            throw ValidationError("--momentum is \(momentum); it must be from 0 to below 1")
        }
        if let clip, !(clip > 0) { throw ValidationError("--clip is \(clip); it must be above 0") }
    }
}
