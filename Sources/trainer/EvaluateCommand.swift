import ArgumentParser
import Lockstep
import SystemPackage
import Terminal

/// `trainer evaluate`: measures a saved network on the test samples.
struct EvaluateCommand: RankCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a saved network on the test samples.")

    @Option(
        help: ArgumentHelp(
            "What to measure instead: the manifest of a checkpoint anywhere, or a .ckpt, .safetensors or .mindir file.",
            valueName: "file"))
    var from: NetworkSource?

    @OptionGroup var options: RunOptions
    @OptionGroup(title: "GPT") var gpt: GPTOptions
    @OptionGroup var saved: SavedNetworkOptions
    @OptionGroup(title: "Stopping") var stopping: StopArguments

    func validate() throws {
        guard from == nil || saved.checkpoint == nil else {
            throw ValidationError("say what to measure by --from or by --checkpoint, not by both")
        }
    }

    func run(_ launch: Launch) throws -> ExitStatus {
        let world = launch.world
        try launch.listen(for: options.signals)
        let console = Console(rank: world.rank)
        var training = try OptimizerOptions.parse([])
        // The results are shown, whatever they are.
        training.onNaN = .warn
        let task = try options.makeTask(gpt, training, in: world)
        let test = try task.testData(in: world)
        let secret = try world.together { try saved.key.load() }
        let model = task.makeModel(steps: nil, options: options, training: training, in: world)
        if let from {
            console.say(try from.load(into: model.network, in: world, key: secret))
        } else {
            let manifest = try saved.load(into: model, orElse: "\(task.fileName)_train", in: options.directory, secret)
            console.say("checkpoint \(manifest.name) of step \(manifest.checkpoint.progress.step)")
        }
        let exit = try OnRequestExit(
            saveMindIR: false, fileName: task.fileName, directory: options.directory,
            signals: options.signals, configFile: options.configFile,
            options: CheckpointFileOptions(encryption: secret.map { try Encryption(key: $0) }),
            stopping: stopping.options(launch, directory: options.directory))
        let results = try model.eval(test, callbacks: [exit])
        // Cut short, it has measured nothing that could be told.
        if results.isEmpty, let published = exit.published {
            console.say("stopped as asked, before all samples were measured; \(published)")
            return ExitStatus(rawValue: stopping.requeueExitCode)
        }
        console.say(task.describe(results, samples: test.dataset.count))
        return results["loss"]?.isFinite == false ? .notFinite : .success
    }
}
