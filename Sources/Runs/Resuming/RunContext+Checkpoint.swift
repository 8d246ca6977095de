import Checkpoints
import Ciphers
import Collectives
import Datasets
import Files
import Graphs
import Layouts
import Networks
import Records
import SystemPackage
import Tensors
import Training

extension RunContext {
    /// The samples that the run reads.
    private var data: DataLoader {
        let run = originalArgs()
        guard let data = run.trainDataset ?? run.validDataset else { fatalError("a run without samples") }
        return data
    }

    /// All that the run needs to carry on: the network's parameters, the optimizer's state, what callbacks keep.
    ///
    /// In MindSpore's order: those that the optimizer trains come before those that stay as they are.
    var stateParameters: [Parameter] {
        let run = originalArgs()
        let all = run.network.parameters
        let known = Set(all.map(ObjectIdentifier.init))
        let trained = (run.optimizer?.trained ?? []).filter { known.contains(ObjectIdentifier($0)) }
        let first = Set(trained.map(ObjectIdentifier.init))
        let others = all.filter { !first.contains(ObjectIdentifier($0)) }
        return trained + others + (run.optimizer?.state ?? []) + keptParameters
    }

    /// What to tell of the order of samples that the run goes on in.
    var orderWarning: String? { data.isShuffled ? shuffling?.warning(of: data.dataset.count) : nil }

    /// The size of what this rank holds of it.
    var stateByteCount: Int { stateParameters.reduce(0) { $0 + $1.type.byteCount } }

    /// A directory of sets, as all who save there in this run know it.
    func directory(_ path: FilePath, on files: any FileSystem, key: EncryptionKey?) -> CheckpointDirectory {
        CheckpointDirectory(path, fileSystem: files, key: key, catalog: catalog(of: path))
    }

    /// Describes a set that holds what is planned of `network`, as it is now; all ranks together.
    func checkpointSet(
        _ name: String, _ kind: CheckpointSet.Kind, _ plan: SavePlan, cause: SaveCause, of network: any Cell,
        metrics: [String: Double] = [:], nonFinite: String? = nil, retention: Retention? = nil
    ) throws -> CheckpointSet {
        CheckpointSet(
            name: name, kind: kind,
            progress: TrainingProgress(
                position, data: data, seed: seed, finished: isComplete, shuffling: shuffling ?? data.shuffling),
            cause: cause, mesh: plan.mesh, model: network.fingerprint, parameters: plan.records, metrics: metrics,
            record: try trainingRecord(nonFinite: nonFinite), retention: retention)
    }

    /// The network as MindIR, for samples like those of the run.
    func export(_ options: MindIROptions) throws(ExportError) -> NetworkExport {
        let run = originalArgs()
        let samples = data.range(step: 1, rank: 0, of: mesh.axes.first?.size ?? 1).count
        return try NetworkExport(
            run.network, lossFn: run.lossFn, columns: data.dataset.columns, samples: samples, options)
    }

    /// Finds out now, not after hours of training, whether every rank can write in its folder of a directory, and whether
    /// the directory is one and the same for all of them.
    func prepareDirectory(_ directory: CheckpointDirectory, folder: String?) throws {
        let files = directory.fileSystem
        try world.together {
            let folder = folder.map { directory.path.appending($0) } ?? directory.path
            let probe = files.unguessablePath(beside: folder.appending("rank_\(world.rank)"), "probe")
            try files.createDirectory(folder)
            try files.create(probe).close()
            try files.remove(probe)
            if world.rank == 0 { try settings.prepare() }
        }
        try DirectoryProbe(directory.path, files: files, world: world, in: surroundings).run()
    }

    /// Where a run carries on from a set; throws on all ranks if it would not see the same samples.
    func place(of manifest: Manifest, allowing allowed: Set<String>) throws -> RunPosition {
        try world.together {
            let (progress, settings) = (manifest.checkpoint.progress, manifest.checkpoint.record?.settings)
            // Compared among the settings. Earlier versions had a seed of the samples' order besides, which is here, 0 if they
            // were not shuffled.
            let isSetting = settings?[SettingName.seed].map { $0 == "\(progress.seed)" || progress.seed == 0 } ?? false
            return try progress.position(over: data, seed: isSetting ? progress.seed : seed, allowing: allowed)
        }
    }

    /// Carries on from a set that is loaded.
    func carryOn(from manifest: Manifest, allowing allowed: Set<String>) throws {
        position = try place(of: manifest, allowing: allowed)
        shuffling = manifest.checkpoint.progress.shuffling
        branch = RunBranch(after: manifest, in: surroundings)
        for parameter in stateParameters { parameter.isInitialized = true }
    }
}
