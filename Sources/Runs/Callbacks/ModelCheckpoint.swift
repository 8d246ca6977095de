public import Checkpoints
import Collectives
public import Files
public import Graphs
public import Logging
import Networks
import Stopping
import SystemPackage
public import Training

/// Saves the run as its configuration says (MindSpore's `ModelCheckpoint`).
///
/// A checkpoint of epoch 2, step 7 in it, is called `<prefix>-2_7`. One rank writes `directory/<prefix>-2_7.ckpt`;
/// several write `directory/rank_<rank>/<prefix>-2_7.ckpt`, of which there is only that of rank 0 with
/// ``CheckpointConfig/integratedSave``. Readers find it by `directory/<prefix>-2_7.manifest.json`, published last.
///
/// Where MindSpore's loses checkpoints, this one does not:
/// - Files are written under other names and synchronized; they get their names when all ranks have theirs. MindSpore
///   deletes what has the name, then writes.
/// - Old checkpoints are removed after the new one is published, by step, and only those named exactly like this run's;
///   MindSpore removes before it writes, by file time, and with prefix `a` those of prefix `a-1` too.
/// - If the prefix is in use, the run's becomes `<prefix>_1`, and so on; but a run that carries on an earlier one goes on
///   with its prefix, and its retention. Only names of exactly this kind count as use.
/// - `_breakpoint` checkpoints hold the state after the last whole step, are named after it and store the step of the
///   run. An error on any rank leaves one, and so does a stop from outside, of every `ModelCheckpoint` in the list.
/// - An object can be used for another run. Nothing is saved in evaluations. Directories are made, and the prefix is
///   settled, when the run begins, not when the object is made.
/// - There is no `-graph.meta`, a by-product of MindSpore's graph mode that no loader reads.
open class ModelCheckpoint: Callback {
    /// What is configured.
    public let config: CheckpointConfig

    let prefix: RunText
    let directory: RunText
    let files: any FileSystem
    let logger: Logger
    var session: SaveSession?
    private var depth = 0

    /// The newest file that this rank can load, or "" before the first save.
    public internal(set) var latestCkptFileName = ""

    /// Makes a callback that saves in a directory, by default the current one.
    ///
    /// - Throws: ``ModelCheckpointError`` for a prefix or a directory that is no name.
    public convenience init(
        prefix: String = "CKP", directory: String? = nil, config: CheckpointConfig? = nil,
        logger: Logger = Logger(label: "ModelCheckpoint"), files: any FileSystem = LocalFileSystem()
    ) throws {
        try self.init(
            prefix: .fixed(prefix), directory: .fixed(directory ?? "."), config: config, logger: logger, files: files)
    }

    /// Makes a callback whose prefix or directory may depend on the state of the run.
    ///
    /// A computed prefix is the whole name; such checkpoints are never removed, nor renamed if the name is in use.
    ///
    /// - Throws: ``ModelCheckpointError`` for a prefix or a directory that is no name.
    public init(
        prefix: RunText, directory: RunText = .fixed("."), config: CheckpointConfig? = nil,
        logger: Logger = Logger(label: "ModelCheckpoint"), files: any FileSystem = LocalFileSystem()
    ) throws {
        if case .fixed(let prefix) = prefix { try ModelCheckpointError.check(prefix: prefix) }
        if case .fixed(let directory) = directory { try ModelCheckpointError.check(directory: directory) }
        self.prefix = prefix
        self.directory = directory
        self.config = try config ?? CheckpointConfig()
        self.logger = logger
        self.files = files
    }

    /// MindSpore leaves it out of the validation inside `fit`.
    open override var hearsValidation: Bool { false }

    /// Counts the runs it is in: a subclass may hear the validation inside a training.
    open override func enter() { depth += 1 }

    /// Says which sets are its own.
    open override func contribute(to runContext: RunContext) throws {
        runContext.addSetOwner { [unowned self] name, directory in leaves(name, in: directory) }
    }

    /// Finds out whether it can save here.
    ///
    /// - Throws: ``CheckpointConfigError`` if an appended value has the name of a parameter; what the file system says.
    open override func onTrainBegin(_ runContext: RunContext) throws {
        try super.onTrainBegin(runContext)
        session = nil
        latestCkptFileName = ""
        // Only if all ranks come here do they have a session, so that later they all save or none does.
        try runContext.meet()
        session = SaveSession(runContext, config.schedule)
        // What the run does not train has no value yet: as in MindSpore it is saved with its first one.
        for parameter in config.savedNetwork?.parameters ?? [] { parameter.initialize(seed: runContext.seed) }
        try config.checkAppended(against: savedParameters(runContext).filter { !givenNames.contains($0.name) })
        guard case .fixed(let path) = directory else { return }
        let folder = folder(ofRank: runContext.world.rank, of: runContext.world.size)
        try runContext.prepareDirectory(place(path, runContext), folder: folder.isEmpty ? nil : folder)
    }

    /// Notes where the run begins.
    open override func onTrainStepBegin(_ runContext: RunContext) throws {
        try super.onTrainStepBegin(runContext)
        session?.stepBegins()
    }

    /// Saves if it is time to, and publishes what was written meanwhile.
    open override func onTrainStepEnd(_ runContext: RunContext) throws {
        try super.onTrainStepEnd(runContext)
        guard let session else { return }
        let isDue = session.isDue
        guard isDue || session.saver.isPending || config.schedule.dependsOnTime else { return }
        let wish: StepWish = isDue ? .save : (session.saver.isWriting ? .wait : .publish)
        switch StepWish(rawValue: try runContext.meet(bringing: wish.rawValue)) {
        case .save:
            try save(SaveCause("the schedule"), in: session)
            if let choice = session.choice { logger.notice("\(choice)") }
        case .publish: try session.saver.finish()
        case .wait, nil: break
        }
    }

    /// Saves again what a validation has measured, if retention looks at that.
    open override func onTrainEpochEnd(_ runContext: RunContext) throws {
        try super.onTrainEpochEnd(runContext)
        guard let session, let results = runContext.originalArgs().evalResults,
            config.retention.metrics.contains(where: { results[$0] != nil })
        else { return }
        try runContext.meet()
        try save(SaveCause("a validation"), in: session)
    }

    /// Saves the last step if it is not saved yet.
    open override func onTrainEnd(_ runContext: RunContext) throws {
        try super.onTrainEnd(runContext)
        guard let session else { return }
        try runContext.meet()
        if let stop = runContext.agreedStop, stop.reason.isUrgent, config.exceptionSave {
            try session.saver.finish()
            try save(SaveCause(stop), in: session, isBreakpoint: true)
        } else if config.schedule != .never, !session.isSaved || runContext.agreedStop?.reason == .ended,
            !givesWay(to: runContext.stopSet, runContext)
        {
            // So that who carries on knows which request was answered, and that a callback has ended the run.
            let stop = runContext.agreedStop.flatMap { $0.reason.isUrgent ? SaveCause($0) : nil }
            try save(stop ?? SaveCause("the end of the run"), in: session)
        }
        try session.saver.finish()
    }

    /// Whether a stop leaves the state of now in a set beside those of this callback anyway. A stop must be over soon: one
    /// save is enough.
    private func givesWay(to set: StopSet?, _ context: RunContext) -> Bool {
        guard let set, let stop = context.agreedStop, set.isSaved(stop.reason) else { return false }
        return savesWholeState(in: set.directory) && !isReadByOthers
    }

    /// Publishes what is being written, and saves a breakpoint if an error ended the run.
    open override func exit(_ error: (any Error)?) -> Bool {
        depth -= 1
        guard depth <= 0, let session else { return false }
        depth = 0
        self.session = nil
        guard !(error is CollectiveError) else {
            session.saver.abandon()
            return false
        }
        guard config.exceptionSave || config.asyncSave else { return false }
        do {
            // Where a callback has dealt with the error on this rank, the others still have it.
            let outcome: ErrorAtExit = error == nil ? .none : error is NonFiniteError ? .notFinite : .other
            let worst = ErrorAtExit(rawValue: try session.context.meet(bringing: outcome.rawValue))
            try session.saver.finish()
            guard worst == .other, config.exceptionSave else { return false }
            try save(SaveCause("an error"), in: session, isBreakpoint: true)
        } catch {
            logger.error("the run has failed, and its state could not be saved: \(error)")
        }
        return false
    }

    // MARK: What a subclass may have otherwise

    /// Where a rank writes its file, below the directory.
    open func filePath(of name: String, rank: Int, ranks: Int) -> String {
        (ranks == 1 ? "" : "rank_\(rank)/") + "\(name).\(config.format.rawValue)"
    }

    /// The names of appended values that the callback gives itself, whatever the configuration says.
    open var givenNames: Set<String> { [] }

    /// What is saved beside the parameters.
    open func extras(_ context: RunContext) -> [(name: String, value: CheckpointValue)] {
        config.appended.values(
            epoch: context.originalArgs().curEpochNum ?? 0, step: context.position.step)
    }

    /// The parameters that a set holds beside the state, and where the file of a rank with them lies.
    open func companion(of name: String, _ context: RunContext) -> (parameters: [Parameter], path: (Int) -> String)? {
        nil
    }

    /// The folders below the directory in which a rank writes; "" is the directory.
    open func folders(ofRank rank: Int, of ranks: Int) -> [String] { [folder(ofRank: rank, of: ranks)] }

    /// The name of the set that a file of this name, without its extension, would belong to.
    open func setName(ofFile name: String) -> String { name }

    /// Whether rank 0 alone saves whole tensors.
    open func isIntegrated(ranks: Int) -> Bool { config.integratedSave }

    /// Hears on all ranks together that the state of now is going to be saved.
    open func willSave(_ context: RunContext) throws {}

    /// Whether the state of the optimizer is saved beside the network.
    open var savesOptimizer: Bool { true }

    /// Whether other programs carry on from these sets, which look for no others.
    open var isReadByOthers: Bool { false }

    /// Whether a parameter of this name is saved.
    open func isSaved(_ name: String) -> Bool { true }

    /// Hears that a set is published, and in how much time. Rank 0 is told all its files, the others those that they have written.
    open func didPublish(
        _ manifest: Manifest, in directory: CheckpointDirectory, after time: Duration, _ context: RunContext
    ) {}
}

/// What ended a run on a rank. A state that is no numbers any more is nothing to carry on from.
private enum ErrorAtExit: Int64 {
    case none, other, notFinite
}

/// What a rank wants after a step, by rising weight: the weightiest of all ranks' wishes is what they do.
private enum StepWish: Int64 {
    case publish, wait, save
}
