import ArgumentParser
import Foundation
import Lockstep
import SystemPackage

/// `trainer evaluate`: measures a saved network on the test samples.
struct EvaluateCommand: RankCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a saved network on the test samples.")

    @OptionGroup var options: RunOptions

    @OptionGroup var key: KeyOptions

    func run(_ launch: Launch) throws {
        let world = launch.world
        try launch.listen(for: options.signals)
        let console = Console(rank: world.rank)
        let test = try world.together { try options.loadTestData() }
        let model = Model(
            options.model.makeNetwork(), lossFn: SoftmaxCrossEntropyWithLogits(sparse: true),
            metrics: ["accuracy": Accuracy(), "loss": LossMetric()], world: world, backend: options.makeBackend())
        let name = "\(options.model.fileName)_train"
        let secret = try world.together { try key.load() }
        guard let manifest = try model.loadNetwork(named: name, in: FilePath(options.directory), key: secret) else {
            throw ValidationError(
                "\(options.directory) has no checkpoint \(name); train first, or name another "
                    + "--directory")
        }
        console.say("checkpoint \(name) of step \(manifest.checkpoint.progress.step)")
        let exit = try OnRequestExit(
            saveMindIR: false, fileName: options.model.fileName, directory: options.directory,
            signals: options.signals, configFile: options.configFile,
            options: CheckpointFileOptions(encryption: secret.map { try Encryption(key: $0) }))
        let results = try model.eval(test, callbacks: [exit])
        console.say(
            exit.published.map { "stopped as asked, before all samples were measured; \($0)" }
                ?? Self.describe(results, samples: test.dataset.count))
    }

    /// As in "accuracy 98.3 % on 360 test samples, loss 0.0712".
    static func describe(_ results: [String: Double], samples: Int) -> String {
        let accuracy = String(format: "%.1f", 100 * (results["accuracy"] ?? 0))
        let loss = String(format: "%.4f", results["loss"] ?? 0)
        return "accuracy \(accuracy) % on \(samples) test samples, loss \(loss)"
    }
}

extension RunOptions {
    /// The test samples, all of them, in their own order.
    func loadTestData() throws -> DataLoader {
        try DataLoader(loadImages(train: false), batchSize: batchSize, dropsRemainder: false)
    }
}
