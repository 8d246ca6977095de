import ArgumentParser
import Lockstep
import SystemPackage
import Terminal

/// `evaluate` of a program: measures a saved network on the test samples.
struct EvaluateCommand<Program: TrainingProgram>: SavedNetworkCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "evaluate", abstract: "Measure a saved network on the test samples.")
    }

    @Option(
        help: ArgumentHelp(
            "What to measure instead: the manifest of a checkpoint anywhere, or a .ckpt, .safetensors or .mindir file.",
            valueName: "file"))
    var from: NetworkSource?

    @OptionGroup var program: Program
    @OptionGroup var options: RunOptions
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
        let (task, model, test) = try prepare(in: world)
        let secret = try world.together { try saved.key.load() }
        if let from {
            console.say(try from.load(into: model.network, in: world, key: secret))
        } else {
            let manifest = try saved.load(into: model, orElse: "\(task.name)_train", in: options.directory, secret)
            console.say("checkpoint \(manifest.name) of step \(manifest.checkpoint.progress.step)")
        }
        let exit = try OnRequestExit(
            saveMindIR: false, fileName: task.name, directory: options.directory,
            signals: options.signals, configFile: options.configFile,
            form: CheckpointForm(encryption: secret.map { try Encryption(key: $0) }),
            stopping: stopping.plan(launch, options).options(runDirectory: FilePath(text: options.directory)))
        let results = try model.eval(test, callbacks: [exit], surroundings: launch.surroundings)
        // Cut short, it has measured nothing that could be told.
        if results.isEmpty, let published = exit.published {
            console.say("stopped as asked, before all samples were measured; \(published)")
            return ExitStatus(rawValue: stopping.requeueExitCode)
        }
        console.say(task.describe(results, test.dataset.count))
        return results["loss"]?.isFinite == false ? .notFinite : .success
    }

    /// Makes what is measured, and what it is measured on.
    private func prepare(in world: any Communicator) throws -> (TrainingTask, Model, DataLoader) {
        let setting = try options.setting(in: world, tensorParts: program.tensorParts)
        return try RunFailure.ending(with: .configuration) {
            let task = try program.task(in: setting)
            guard let test = try task.testData(in: world) else {
                throw ValidationError("\(task.name) has no test samples, so there is nothing to measure")
            }
            // The results are shown, whatever they are.
            let settings = TrainingSettings(placement: setting.placement, onNaN: .warn)
            let model = try task.makeModel(
                steps: nil, settings: settings, backend: options.makeBackend(), seed: options.seed, in: world)
            return (task, model, test)
        }
    }
}
