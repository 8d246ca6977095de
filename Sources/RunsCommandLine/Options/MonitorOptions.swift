import ArgumentParser
import Lockstep

/// The options of MindFormers' `CheckpointMonitor`, for those whose tools expect its folders.
struct MonitorOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Save in MindFormers' folders, checkpoint/rank_<n>, each rank what it holds, with a meta.json; the options below "
                + "do so too."))
    var checkpointMonitor = false

    @Flag(help: "Save the network alone, too: checkpoint_network/rank_<n>.")
    var saveNetworkParams = false

    @Flag(help: "Save what training changes of the network, too: checkpoint_trainable/rank_<n>.")
    var saveTrainableParams = false

    @Flag(inversion: .prefixedNo, help: "Save the state of the optimizer, without which no run carries on.")
    var saveOptimizer = true

    func validate() throws {
        guard !saveNetworkParams || !saveTrainableParams else {
            throw ValidationError("give one of --save-network-params and --save-trainable-params, not both")
        }
    }

    /// The options, and whether they are given.
    var options: [(String, Bool)] {
        [
            ("--checkpoint-monitor", checkpointMonitor), ("--save-network-params", saveNetworkParams),
            ("--save-trainable-params", saveTrainableParams), ("--no-save-optimizer", !saveOptimizer),
        ]
    }

    /// Whether checkpoints are saved like this.
    var isWanted: Bool { options.contains { $0.1 } }

    /// What saves as the configuration says.
    func makeMonitor(
        _ config: CheckpointConfig, prefix: String, directory: String, globalBatchSize: Int, files: any FileSystem
    ) throws -> CheckpointMonitor {
        try CheckpointMonitor(
            prefix: prefix, directory: directory, config: config, saveNetworkParams: saveNetworkParams,
            saveTrainableParams: saveTrainableParams, globalBatchSize: globalBatchSize, saveOptimizer: saveOptimizer,
            files: files)
    }
}
