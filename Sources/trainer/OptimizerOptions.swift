import ArgumentParser

/// The options of optimizers.
struct OptimizerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The highest learning rate; it falls along a cosine. (default: the model's)"))
    var learningRate: Float?

    @Option(help: "How much of the last step is kept; not of ViT, LSTM and GPT, which AdamW trains. (default: 0.9)")
    var momentum: Float?

    @Option(help: ArgumentHelp("How much of a parameter is taken off in a step. (default: the model's)"))
    var weightDecay: Float?

    func validate() throws {
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate is \(learningRate); it must be a finite number above 0")
        }
        if let momentum, !(0..<1).contains(momentum) {
            throw ValidationError("--momentum is \(momentum); it must be from 0 to below 1")
        }
        if let weightDecay, !(weightDecay >= 0 && weightDecay.isFinite) {
            throw ValidationError("--weight-decay is \(weightDecay); it must be a finite number from 0 on")
        }
    }

    /// Those that are given and are of the optimizer that most networks of pictures have, by their names.
    var givenForMomentum: [String] { momentum == nil ? [] : ["--momentum"] }
}
