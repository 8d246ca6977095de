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

    @Option(help: "auto: carry on from the checkpoint in the directory, if there is one; never: begin anew.")
    var resume = Resume.auto

    enum Resume: String, CaseIterable, ExpressibleByArgument { case auto, never }

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
        let model = makeModel(steps: epochs * data.stepsPerEpoch, in: world)
        let exit = try OnRequestExit(
            saveMindIR: false, fileName: options.model.fileName, directory: options.directory,
            signals: options.signals, configFile: options.configFile, resumes: resume == .auto, savesCompleted: true)
        let progress = ProgressReport(console, exit: exit)
        try model.train(epochs, data, callbacks: [exit, progress])
        try progress.reportEnd(of: model)
        if progress.isComplete { try evaluate(model, console) }
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

    private func evaluate(_ model: Model, _ console: Console) throws {
        let test = try model.world.together { try options.loadTestData() }
        let results = try model.eval(test)
        console.say(EvaluateCommand.describe(results, samples: test.dataset.count))
    }
}
