public import Checkpoints
public import Ciphers
import Collectives
public import Files
import Foundation
public import Graphs
public import Logging
public import Networks
import SystemPackage
import Tensors
public import Training

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
/// names the last one, also with saves in the background. Of the second run in a directory they are called
/// `<prefix>_rank_0_1-2_7.ckpt`. Unlike MindFormers', it takes a configuration for what it says, adds the offsets of both
/// counters, needs no counter among the appended values, and saves nothing in validations.
///
/// MindFormers' loader wants a file in the folder of every rank. So several ranks save each what it holds, whatever
/// ``CheckpointConfig/integratedSave`` says: the whole state, or where tensors are split its slices, as in MindFormers.
///
/// With a ``CheckpointConfig/savedNetwork`` the first file holds that one, and the other the network that is trained.
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

    private let prefixes: PrefixFamily
    private var isHealthy = true

    /// Parts of the names of buffers that a run can make again.
    private static let passingNames = [
        "accu_grads", "fi_parameter", "zeros_k_pe", "zeros_k_nope", "zeros_value_states", "_cache",
        "_device_local_norm", "_device_local_loss", "expert_load", "max_logits_val",
    ]

    /// Makes a monitor of a configuration.
    ///
    /// `directory` is by default what the environment variable LOCAL_DEFAULT_PATH says, or "./output".
    ///
    /// - Throws: ``ModelCheckpointError`` for a prefix or a directory that is no name, a prefix in which MindFormers' loader
    ///   would find the number of a rank, or a negative batch.
    public init(
        prefix: String = "CKP", directory: String? = nil, config: CheckpointConfig, saveNetworkParams: Bool = false,
        saveTrainableParams: Bool = false, globalBatchSize: Int? = nil, health: CheckpointHealth? = nil,
        saveOptimizer: Bool = true, logger: Logger = Logger(label: "CheckpointMonitor"),
        files: any FileSystem = LocalFileSystem()
    ) throws {
        if let globalBatchSize, globalBatchSize < 0 { throw ModelCheckpointError.badGlobalBatchSize(globalBatchSize) }
        guard
            prefix.ranges(of: "rank_").allSatisfy({ CheckpointName.number(prefix[$0.upperBound...].prefix(1)) == nil })
        else { throw ModelCheckpointError.prefixNamesRank(prefix) }
        prefixes = PrefixFamily(prefix: prefix)
        self.saveNetworkParams = saveNetworkParams
        self.saveTrainableParams = saveTrainableParams
        self.globalBatchSize = globalBatchSize
        self.health = health
        self.saveOptimizer = saveOptimizer
        let given = ProcessInfo.processInfo.environment["LOCAL_DEFAULT_PATH"]
        try super.init(
            prefix: .fixed(prefix), directory: .fixed(directory ?? given ?? "./output"), config: config, logger: logger,
            files: files)
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
        files: any FileSystem = LocalFileSystem()
    ) throws {
        let standard: [AppendInfo] = [.epochNum, .stepNum, [Self.globalStep: 0, "loss_scale": 1]]
        let config = try CheckpointConfig(
            saveCheckpointSteps: saveCheckpointSteps, saveCheckpointSeconds: saveCheckpointSeconds,
            keepCheckpointMax: keepCheckpointMax, keepCheckpointPerNMinutes: keepCheckpointPerNMinutes,
            integratedSave: integratedSave, asyncSave: asyncSave, savedNetwork: savedNetwork,
            appendInfo: appendInfo ?? standard, encKey: encKey, encMode: encMode, exceptionSave: exceptionSave,
            removeRedundancy: removeRedundancy, format: checkpointFormat)
        try self.init(
            prefix: prefix, directory: directory, config: config, saveNetworkParams: saveNetworkParams,
            saveTrainableParams: saveTrainableParams, globalBatchSize: globalBatchSize, health: health,
            saveOptimizer: saveOptimizer, files: files)
    }

    public override func filePath(of name: String, rank: Int, ranks: Int) -> String {
        path("checkpoint", of: name, rank: rank)
    }

    /// The optimizer's count, which MindFormers' files hold, with whatever network.
    private static let globalStep = "global_step"

    public override var givenNames: Set<String> { [Self.globalStep] }

    public override func extras(_ context: RunContext) -> [(name: String, value: CheckpointValue)] {
        var values = super.extras(context)
        let place = values.firstIndex { $0.name == Self.globalStep }
        if let place { values.remove(at: place) }
        let isAmongParameters = savedParameters(context).contains { $0.name == Self.globalStep }
        let count = context.originalArgs().optimizer?.state.first { $0.name == Self.globalStep }?.tensor
        if let count, !isAmongParameters {
            // It goes on counting while the file is being written.
            let copy = Tensor(zeros: count.shape, elementType: count.elementType)
            copy.copy(from: count)
            values.insert((Self.globalStep, .tensor(copy)), at: place ?? values.endIndex)
        }
        return values + (globalBatchSize.map { [("global_batch_size", .integer($0))] } ?? [])
    }

    public override var savesOptimizer: Bool { saveOptimizer }

    public override var isReadByOthers: Bool { true }

    public override func isSaved(_ name: String) -> Bool { !Self.passingNames.contains(where: name.contains) }

    public override func isIntegrated(ranks: Int) -> Bool { ranks == 1 }

    public override func companion(
        of name: String, _ context: RunContext
    ) -> (parameters: [Parameter], path: (Int) -> String)? {
        let network = context.originalArgs().network
        let (all, folder, part): ([Parameter], String, String)
        if saveTrainableParams {
            (all, folder, part) = (network.trainableParameters, "checkpoint_trainable", "trainable_params")
        } else if saveNetworkParams {
            (all, folder, part) = (network.parameters, "checkpoint_network", "network")
        } else {
            return nil
        }
        return (all.filter { isSaved($0.name) }, { self.path(folder, of: name, part: part, rank: $0) })
    }

    public override func folders(ofRank rank: Int, of ranks: Int) -> [String] {
        ["checkpoint", "checkpoint_network", "checkpoint_trainable"].map { "\($0)/rank_\(rank)" }
    }

    public override func willSave(_ context: RunContext) throws {
        isHealthy = try health?.isHealthy(context) ?? true
    }

    public override func didPublish(
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
            "{\"last_epoch\": \(name.epoch), \"last_step\": \(name.stepInEpoch), "
            + "\"last_ckpt_file\": \(pythonJSON(fileName))}"
        let path = directory.path.appending("checkpoint/rank_\(rank)/meta.json")
        do {
            try directory.fileSystem.replaceContents(of: path, with: Array(text.utf8), permissions: 0o640)
        } catch {
            // The checkpoint is published, whatever this file says.
            logger.warning("\(path) is not up to date: \(error)")
        }
    }

    /// `checkpoint/rank_3/llama_rank_3-2_7.ckpt`, or with a part `…_rank_3-network-2_7.ckpt`; of the set `llama_1-2_7` it
    /// is `llama_rank_3_1-2_7.ckpt`.
    private func path(_ folder: String, of name: String, part: String? = nil, rank: Int) -> String {
        var fileName = name
        if let parts = CheckpointName(name), let number = prefixes.index(of: parts.prefix) {
            let prefix =
                "\(prefixes.prefix)_rank_\(rank)" + (number == 0 ? "" : "_\(number)") + (part.map { "-\($0)" } ?? "")
            fileName = parts.with(prefix: prefix).text
        }
        return "\(folder)/rank_\(rank)/\(fileName).\(config.format.rawValue)"
    }

    public override func setName(ofFile name: String) -> String {
        guard let parts = CheckpointName(name) else { return name }
        var rest = NameScanner(parts.prefix)
        guard rest.drop(prefix: prefixes.prefix), rest.drop(prefix: "_rank_") else { return name }
        if !rest.drop(suffix: "-network") { rest.drop(suffix: "-trainable_params") }
        // The number of the rank, or that of the run behind it.
        guard let number = rest.dropDigitsAtEnd() else { return name }
        if rest.isEmpty { return parts.with(prefix: prefixes.prefix).text }
        guard rest.drop(suffix: "_"), rest.dropDigitsAtEnd() != nil, rest.isEmpty else { return name }
        return parts.with(prefix: "\(prefixes.prefix)_\(number)").text
    }
}
