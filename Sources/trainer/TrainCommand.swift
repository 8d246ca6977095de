import ArgumentParser
import Lockstep
import SystemPackage

/// `trainer train`, the default: trains, or carries on a run that was stopped.
struct TrainCommand: RankCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train, or carry on a run that was stopped.")

    @OptionGroup var options: RunOptions

    @Option(help: "How often the whole data set is passed through, in all.")
    var epochs = 20

    @Option(help: "How far the first step goes; it falls to a hundredth of it along a cosine.")
    var learningRate: Float = 0.03

    @Option(help: "How much of the last step is kept.")
    var momentum: Float = 0.9

    @Option(help: "How much of a parameter is added to its gradient.")
    var weightDecay: Float = 0

    @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

    func validate() throws {
        guard epochs > 0 else { throw ValidationError("--epochs is \(epochs); it must be at least 1") }
        guard learningRate > 0, learningRate.isFinite else {
            throw ValidationError("--learning-rate is \(learningRate); it must be above 0")
        }
        guard (0..<1).contains(momentum) else {
            throw ValidationError("--momentum is \(momentum); it must be from 0 to below 1")
        }
    }

    func run(_ launch: Launch) throws {
        let world = launch.world
        try launch.listen(for: options.signals)
        let console = Console(rank: world.rank)
        let data = try world.together {
            try DataLoader(options.loadImages(train: true), batchSize: options.batchSize, shuffleSeed: options.seed)
        }
        // Now, not after hours of training: it may not be there.
        let test = try world.together { try options.loadTestData() }
        let model = makeModel(steps: epochs * data.stepsPerEpoch, in: world)
        let key = try world.together { try checkpoints.key.load() }
        let exit = try OnRequestExit(
            saveMindIR: false, fileName: options.model.fileName, directory: options.directory,
            signals: options.signals, configFile: options.configFile, resume: checkpoints.resume, savesCompleted: true,
            options: checkpoints.fileOptions(key))
        let saves = try checkpoints.makeModelCheckpoint(key, directory: options.directory)
        let progress = ProgressReport(console, exit: exit)
        let callbacks = [exit, saves, progress].compactMap { $0 as Callback? }
        try model.fit(epochs, data, checkpoints.needsValidation ? test : nil, callbacks: callbacks)
        try progress.reportEnd(of: model)
        if progress.isComplete {
            console.say(EvaluateCommand.describe(try model.eval(test), samples: test.dataset.count))
        }
        console.say("checkpoint: \(exit.published ?? exit.manifestPath)")
    }

    private func makeModel(steps: Int, in world: any Communicator) -> Model {
        let network = options.model.makeNetwork()
        let optimizer = Momentum(
            network.trainableParameters,
            learningRate: .cosine(from: learningRate, to: learningRate / 100, over: steps), momentum: momentum,
            weightDecay: weightDecay)
        return Model(
            network, lossFn: SoftmaxCrossEntropyWithLogits(sparse: true), optimizer: optimizer,
            metrics: ["accuracy": Accuracy(), "loss": LossMetric()], world: world, backend: options.makeBackend(),
            seed: options.seed)
    }
}
