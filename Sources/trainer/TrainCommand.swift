import ArgumentParser
import Lockstep
import SystemPackage

/// `trainer train`, the default: trains, or carries on a run that was stopped.
struct TrainCommand: RankCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train, or carry on a run that was stopped.")

    @OptionGroup var options: RunOptions
    @OptionGroup(title: "Optimizer") var optimizer: OptimizerOptions
    @OptionGroup(title: "GPT") var gpt: GPTOptions
    @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions

    @Option(help: "How often all samples are passed through, in all. (default: 20 for LeNet-5, 1 for a GPT)")
    var epochs: Int?

    func validate() throws {
        if let epochs, epochs < 1 { throw ValidationError("--epochs is \(epochs); it must be at least 1") }
    }

    func run(_ launch: Launch) throws {
        let world = launch.world
        try launch.listen(for: options.signals)
        let console = Console(rank: world.rank)
        let task = try world.together { try options.makeTask(gpt, optimizer, in: world) }
        let data = try world.together { try task.trainingData() }
        // Now, not after hours of training: it may not be there.
        let test = try world.together { try task.testData() }
        let key = try world.together { try checkpoints.key.load() }
        let epochs = epochs ?? task.defaultEpochs
        let model = task.makeModel(
            steps: epochs * data.stepsPerEpoch, options: options, training: optimizer, in: world)
        let exit = try OnRequestExit(
            saveMindIR: false, fileName: task.fileName, directory: options.directory, signals: options.signals,
            configFile: options.configFile, resume: checkpoints.resume, savesCompleted: true,
            options: checkpoints.fileOptions(key))
        let saves = try checkpoints.makeModelCheckpoint(key, directory: options.directory)
        let progress = ProgressReport(console, exit: exit)
        let callbacks = [exit, saves, progress].compactMap { $0 as Callback? }
        try model.fit(epochs, data, checkpoints.needsValidation ? test : nil, callbacks: callbacks)
        try progress.reportEnd(of: model)
        if progress.isComplete { console.say(task.describe(try model.eval(test), samples: test.dataset.count)) }
        console.say("checkpoint: \(exit.published ?? exit.manifestPath)")
    }
}
