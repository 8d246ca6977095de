import Checkpoints
import Collectives
import Files
import Graphs
import Logging
import Networks
import SystemPackage
import Tensors

/// Saves and restores a run under one name in one directory: all ranks together.
struct RunStore {
    private let directory: CheckpointDirectory
    private let name: String
    private let context: RunContext
    private let logger: Logger
    private let data: DataLoader

    /// Makes a store; nil if the run has no data.
    init?(_ directory: CheckpointDirectory, name: String, context: RunContext, logger: Logger) {
        let run = context.originalArgs()
        guard let data = run.trainDataset ?? run.validDataset else { return nil }
        self.directory = directory
        self.name = name
        self.context = context
        self.logger = logger
        self.data = data
    }

    private var run: CallbackParameters { context.originalArgs() }
    private var world: any Communicator { context.world }
    private var seed: UInt64 { data.shuffleSeed ?? 0 }

    /// Finds out now, not after hours of training, whether this rank can write where it will have to.
    func prepareDirectory() throws {
        let files = directory.fileSystem
        let folder = directory.path.appending("rank_\(world.rank)")
        let probe = folder.appending(".\(name).probe")
        try world.together {
            try files.createDirectory(folder)
            try files.create(probe).close()
            try files.remove(probe)
        }
    }

    /// Loads the published set, if there is one, and lets the run continue where it was saved.
    func resume() throws -> ResumedRun? {
        let restorer = CheckpointRestorer(directory, world: world, model: run.network.fingerprint)
        guard let restored = try restorer.restore(named: name) else { return nil }
        let progress = restored.manifest.checkpoint.progress
        try world.together {
            context.position = try progress.position(over: data, seed: seed)
            try restored.reader.load(into: parameters)
        }
        let warnings = restored.warnings + [restorer.tidy(after: restored.manifest)].compactMap { $0 }
        for warning in warnings { logger.warning("\(warning)") }
        return ResumedRun(
            directory: directory.path, name: name, position: context.position, finished: progress.finished)
    }

    /// Publishes the state of the run and returns the path of its manifest.
    func publish(_ cause: SaveCause) throws -> FilePath {
        let state = TrainingState(parameters: parameters, extras: extras)
        let set = CheckpointSet(
            name: name,
            progress: TrainingProgress(context.position, data: data, seed: seed, finished: context.isComplete),
            cause: cause, mesh: [MeshAxis("dp", size: world.size)], model: run.network.fingerprint,
            parameters: state.parameters.map { parameter in
                ParameterRecord(
                    name: parameter.name, elementType: parameter.tensor.elementType.mindSporeName,
                    shape: parameter.shape.dimensions)
            })
        let published = try CheckpointPublisher(directory, world: world).publish(
            set, files: [CheckpointFile("rank_\(world.rank)/\(name).ckpt", write: state.write)])
        if let warning = published.warning { logger.warning("\(warning)") }
        return directory.path.appending("\(name).manifest.json")
    }

    private var parameters: [Parameter] { run.network.parameters + (run.optimizer?.state ?? []) }

    /// MindSpore's entries, under its names.
    private var extras: [(name: String, value: CheckpointValue)] {
        [
            ("epoch_num", .integer(run.curEpochNum ?? 0)), ("step_num", .integer(run.curStepNum)),
            ("batch_num", .integer(run.batchNum)),
        ]
    }
}
