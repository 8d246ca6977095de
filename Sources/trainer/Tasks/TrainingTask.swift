import Lockstep

/// What a model is trained for: its network, its samples, and what is measured.
protocol TrainingTask {
    /// What its checkpoints are called.
    var fileName: String { get }

    /// How often all samples are passed through, if the command line does not say.
    var defaultEpochs: Int { get }

    /// How the network is spread over the ranks.
    var placement: Placement { get }

    /// The norm that gradients are scaled down to, if the command line does not say; nil for no limit.
    var defaultClipNorm: Float? { get }

    /// How many tokens a sample has; nil if it is no text.
    var tokensPerSample: Int? { get }

    /// The samples to train on, for all ranks together.
    func trainingData(in world: any Communicator) throws -> DataLoader

    /// The samples to test with, for all ranks together.
    func testData(in world: any Communicator) throws -> DataLoader

    /// A new network, or this rank's part of it, and its loss.
    func makeNetwork() -> (network: any Cell, loss: any Loss)

    /// How it is trained over `steps` steps.
    func makeOptimizer(of network: any Cell, steps: Int) -> Optimizer

    /// What an evaluation measures, by name.
    var metrics: [String: any Metric] { get }

    /// The results of an evaluation in words.
    func describe(_ results: [String: Double], samples: Int) -> String
}

extension TrainingTask {
    /// A model ready to be trained for `steps` steps; nil for one that is only evaluated.
    func makeModel(
        steps: Int?, options: RunOptions, training: OptimizerOptions, profile: Profile? = nil,
        in world: any Communicator
    ) -> Model {
        let (network, loss) = makeNetwork()
        return Model(
            network, lossFn: loss, optimizer: steps.map { makeOptimizer(of: network, steps: $0) }, metrics: metrics,
            world: world, backend: options.makeBackend(profile: profile), seed: options.seed,
            settings: TrainingSettings(
                placement: placement, clipNorm: training.clip ?? defaultClipNorm, accumulation: training.accumulate,
                onNaN: training.onNaN))
    }
}
