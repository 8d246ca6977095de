import ArgumentParser
import Lockstep
import Terminal

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
        try checkCount("--steps", steps)
        guard warmUp >= 0 else { throw ValidationError("--warm-up is \(warmUp); it must not be negative") }
        try check(sizes(over: 1), samples: 1)
    }

    /// Throws if a step over so many samples is larger than anything that numbers of tensors can say.
    func check(_ sizes: GPTSizes, samples: Int) throws {
        let elements = [samples, sizes.layers, sizes.length, sizes.width].reduce(1) { $0 * Double($1) }
        guard elements > 1e15 else { return }
        throw ValidationError(
            "\(samples) samples, \(sizes.layers) layers, length \(sizes.length) and width \(sizes.width) are \(elements) "
                + "elements of a step together; at most 1e15 are allowed")
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
        try checkCount("--accumulate", accumulate, atMost: RunOptions.largestBatch)
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate is \(learningRate); it must be a finite number above 0")
        }
        guard (0..<1).contains(momentum) else {
            throw ValidationError("--momentum is \(momentum); it must be from 0 to below 1")
        }
        if let weightDecay, !(weightDecay >= 0 && weightDecay.isFinite) {
            throw ValidationError("--weight-decay is \(weightDecay); it must be a finite number from 0 on")
        }
        if let clip, !(clip > 0) { throw ValidationError("--clip is \(clip); it must be above 0") }
    }
}
