import ArgumentParser
import Lockstep
import Terminal

/// The options of a GPT.
struct GPTOptions: ParsableArguments {
    private static let presetNames = GPTSizes.presets.map(\.name).joined(separator: ", ")

    @Option(help: "Sizes of the GPT: \(presetNames). (default: 3m)")
    var preset: String?

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

    @Option(help: "Steps of an epoch of a GPT or LSTM, at most. (default: 1400)")
    var steps: Int?

    @Option(help: "Steps in which the learning rate of a GPT or LSTM rises. (default: 100)")
    var warmUp: Int?

    @Flag(help: "Let each rank keep and update only its share of the optimizer's state.")
    var shardOptimizer = false

    func validate() throws {
        try checkCount("--steps", steps)
        if let warmUp, warmUp < 0 { throw ValidationError("--warm-up is \(warmUp); it must not be negative") }
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

    /// Those that are given, by their names.
    var given: [String] {
        let all = [
            ("--preset", preset != nil), ("--layers", layers != nil), ("--width", width != nil),
            ("--heads", heads != nil), ("--length", length != nil), ("--dropout", dropout != nil),
            ("--untied-head", untiedHead), ("--steps", steps != nil), ("--warm-up", warmUp != nil),
            ("--shard-optimizer", shardOptimizer),
        ]
        return all.filter(\.1).map(\.0)
    }

    /// Those that are given and are not for every network of texts.
    var givenForSizes: [String] { given.filter { !["--steps", "--warm-up", "--shard-optimizer"].contains($0) } }

    /// The sizes, which `parts` ranks have to be able to share.
    func sizes(over parts: Int) throws -> GPTSizes {
        let preset = preset ?? "3m"
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
