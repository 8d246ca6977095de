public import Checkpoints
import Collectives
public import Files
import Foundation
import Graphs
public import Logging
public import Networks
import SystemPackage

/// Saves the run in MindFormers' folders (its `CheckpointMonitor`), a ``ModelCheckpoint`` otherwise.
///
/// ```
/// <directory>/checkpoint/rank_0/<prefix>_rank_0-2_7.ckpt
/// <directory>/checkpoint/rank_0/meta.json
/// <directory>/checkpoint_network/rank_0/<prefix>_rank_0-network-2_7.ckpt
/// <directory>/checkpoint_trainable/rank_0/<prefix>_rank_0-trainable_params-2_7.ckpt
/// ```
///
/// All files of a step are one set, `<directory>/<prefix>-2_7.manifest.json`, published and removed together; `meta.json`
/// names the last one, also with saves in the background. Unlike MindFormers', it takes a configuration for what it says,
/// adds the offsets of both counters, needs no counter among the appended values, and saves nothing in validations.
public final class CheckpointMonitor: ModelCheckpoint {
    /// Whether the network alone is saved beside the whole state.
    public let saveNetworkParams: Bool

    /// Whether the parameters that training changes are saved beside the whole state; then the network is not.
    public let saveTrainableParams: Bool

    /// The samples of a step, for the files; nil leaves it out.
    public let globalBatchSize: Int?

    /// How healthy checkpoints are told from others; nil records nothing.
    public let health: CheckpointHealth?

    /// Whether the state of the optimizer is saved; from sets without it no run carries on.
    public let saveOptimizer: Bool

    private var isHealthy = true

    /// Parts of the names of buffers that a run can make again.
    private static let passingNames = [
        "accu_grads", "fi_parameter", "zeros_k_pe", "zeros_k_nope", "zeros_value_states", "_cache",
        "_device_local_norm", "_device_local_loss", "expert_load",
    ]

    /// Makes a monitor of a configuration.
    ///
    /// `directory` is by default what the environment variable LOCAL_DEFAULT_PATH says, or "./output".
    ///
    /// - Throws: ``ModelCheckpointError`` for a prefix or a directory that is no name, or a batch of no samples.
    public init(
        prefix: String = "CKP", directory: String? = nil, config: CheckpointConfig, saveNetworkParams: Bool = false,
        saveTrainableParams: Bool = false, globalBatchSize: Int? = nil, health: CheckpointHealth? = nil,
        saveOptimizer: Bool = true, logger: Logger = Logger(label: "CheckpointMonitor"), clock: SaveClock = .system,
        files: any FileSystem = LocalFileSystem()
    ) throws {
        if let globalBatchSize, globalBatchSize < 1 { throw ModelCheckpointError.badGlobalBatchSize(globalBatchSize) }
        self.saveNetworkParams = saveNetworkParams
        self.saveTrainableParams = saveTrainableParams
        self.globalBatchSize = globalBatchSize
        self.health = health
        self.saveOptimizer = saveOptimizer
        let given = ProcessInfo.processInfo.environment["LOCAL_DEFAULT_PATH"]
        try super.init(
            prefix: .fixed(prefix), directory: .fixed(directory ?? given ?? "./output"), config: config, logger: logger,
            clock: clock, files: files)
    }

    /// Makes a monitor with MindFormers' arguments.
    ///
    /// - Throws: ``CheckpointConfigError``, ``ModelCheckpointError``.
    public convenience init(
        prefix: String = "CKP", directory: String? = nil, saveCheckpointSteps: Int? = 1,
        saveCheckpointSeconds: Int? = 0, keepCheckpointMax: Int? = 5, keepCheckpointPerNMinutes: Int? = 0,
        integratedSave: Bool = true, saveNetworkParams: Bool = false, saveTrainableParams: Bool = false,
        asyncSave: Bool = false, savedNetwork: (any Cell)? = nil, appendInfo: [AppendInfo]? = nil,
        encKey: EncryptionKey? = nil, encMode: EncryptionMode = .aesGCM, exceptionSave: Bool = false,
        globalBatchSize: Int? = nil, checkpointFormat: CheckpointFileFormat = .ckpt, removeRedundancy: Bool = false,
        health: CheckpointHealth? = nil, saveOptimizer: Bool = true,
        clock: SaveClock = .system, files: any FileSystem = LocalFileSystem()
    ) throws {
        let standard: [AppendInfo] = [.epochNum, .stepNum, ["loss_scale": 1]]
        let config = try CheckpointConfig(
            saveCheckpointSteps: saveCheckpointSteps, saveCheckpointSeconds: saveCheckpointSeconds,
            keepCheckpointMax: keepCheckpointMax, keepCheckpointPerNMinutes: keepCheckpointPerNMinutes,
            integratedSave: integratedSave, asyncSave: asyncSave, savedNetwork: savedNetwork,
            appendInfo: appendInfo ?? standard, encKey: encKey, encMode: encMode, exceptionSave: exceptionSave,
            removeRedundancy: removeRedundancy, format: checkpointFormat)
        try self.init(
            prefix: prefix, directory: directory, config: config, saveNetworkParams: saveNetworkParams,
            saveTrainableParams: saveTrainableParams, globalBatchSize: globalBatchSize, health: health,
            saveOptimizer: saveOptimizer, clock: clock, files: files)
    }

    override func filePath(of name: String, rank: Int, ranks: Int) -> String {
        path("checkpoint", of: name, rank: rank)
    }

    override func extras(_ context: RunContext) -> [(name: String, value: CheckpointValue)] {
        super.extras(context) + (globalBatchSize.map { [("global_batch_size", .integer($0))] } ?? [])
    }

    override var savesOptimizer: Bool { saveOptimizer }

    override func isSaved(_ name: String) -> Bool { !Self.passingNames.contains(where: name.contains) }

    override func companion(
        of name: String, _ context: RunContext,
        _ plan: (_ names: Set<String>, _ path: @escaping (Int) -> String) -> SavePlan
    ) -> SavePlan? {
        let network = config.savedNetwork ?? context.originalArgs().network
        let parameters: [Parameter]
        let (folder, part): (String, String)
        if saveTrainableParams {
            parameters = network.trainableParameters
            (folder, part) = ("checkpoint_trainable", "trainable_params")
        } else if saveNetworkParams {
            parameters = network.parameters
            (folder, part) = ("checkpoint_network", "network")
        } else {
            return nil
        }
        let names = Set(parameters.map(\.name).filter(isSaved))
        return plan(names) { self.path(folder, of: name, part: part, rank: $0) }
    }

    override func willSave(_ context: RunContext) throws {
        isHealthy = try health?.isHealthy(context) ?? true
    }

    override func didPublish(
        _ manifest: Manifest, in directory: CheckpointDirectory, after time: Duration, _ context: RunContext
    ) {
        let seconds = String(format: "%.3f", time / .seconds(1))
        let step = manifest.checkpoint.progress.step
        if context.world.rank == 0 {
            logger.notice("saved checkpoint \(manifest.name) after step \(step) in \(seconds) s")
        }
        writeMeta(of: manifest, in: directory, rank: context.world.rank)
        guard context.world.rank == 0, let health else { return }
        let state = manifest.files.first { $0.rank == 0 && $0.role == .state }
        do {
            try health.note(FilePath(state?.path ?? "").lastComponent?.string ?? "", isHealthy: isHealthy, in: files)
        } catch {
            logger.warning("the health of checkpoint \(manifest.name) is not recorded: \(error)")
        }
    }

    /// Says in `meta.json` which file of this rank is the last; breakpoints are none.
    private func writeMeta(of manifest: Manifest, in directory: CheckpointDirectory, rank: Int) {
        guard let name = CheckpointName(manifest.name), !name.isBreakpoint,
            let file = manifest.files.first(where: { $0.rank == rank && $0.role == .state })
        else { return }
        let fileName = FilePath(file.path).lastComponent?.string ?? ""
        let text =
            "{\"last_epoch\": \(name.epoch), \"last_step\": \(name.stepInEpoch), \"last_ckpt_file\": \"\(fileName)\"}"
        let path = directory.path.appending("checkpoint/rank_\(rank)/meta.json")
        do {
            try files.replaceContents(of: path, with: Array(text.utf8))
            try files.setPermissions(0o640, of: path)
        } catch {
            // The checkpoint is published, whatever this file says.
            logger.warning("\(path) is not up to date: \(error)")
        }
    }

    /// `checkpoint/rank_3/llama_rank_3-2_7.ckpt`, or with a part `…_rank_3-network-2_7.ckpt`.
    private func path(_ folder: String, of name: String, part: String? = nil, rank: Int) -> String {
        var fileName = name
        if let parts = CheckpointName(name) {
            let prefix = "\(parts.prefix)_rank_\(rank)" + (part.map { "-\($0)" } ?? "")
            fileName =
                CheckpointName(
                    prefix: prefix, epoch: parts.epoch, stepInEpoch: parts.stepInEpoch,
                    isBreakpoint: parts.isBreakpoint
                ).text
        }
        return "\(folder)/rank_\(rank)/\(fileName).\(config.format.rawValue)"
    }
}
