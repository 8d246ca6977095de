public import Checkpoints
import Ciphers
import Collectives
public import Files
public import Glibc
public import Logging
import Networks
import Records
public import Stopping
public import SystemPackage
public import Training

/// Stops the run when it is asked to from outside, and leaves a checkpoint to carry on from (MindSpore's
/// `OnRequestExit`).
///
/// A signal to any one rank, or `{"GracefulExit": 1}` in the configuration file of any one rank, stops all ranks after
/// the step under way, in training, evaluation, and validation inside `fit` alike. Each rank then writes
/// `directory/rank_<rank>/<fileName>_train.ckpt` (`_eval` in a plain evaluation) and, for MindSpore users to run it,
/// `<fileName>_train.mindir`, published together with a manifest `directory/<fileName>_train.manifest.json`. A run that
/// begins with such a set there carries on from it. Where ranks share the network, rank 0 alone writes the `.mindir` file,
/// of the whole network.
///
/// In MindSpore every rank must be asked, one more step is trained, and a resumed run begins with the first epoch again.
public final class OnRequestExit: Callback {
    /// Where sets are published and looked for.
    public let directory: FilePath

    /// What the files are called, before "_train" and "_eval".
    public let fileName: String

    /// Whether a stop leaves a checkpoint, and a run begins with one that is there.
    public let savesCheckpoint: Bool

    /// How a stop leaves the network as MindIR; nil if it does not.
    public let mindIR: MindIROptions?

    /// The signals that ask for a stop.
    public let signals: [Int32]

    private let configFile: FilePath?
    private let resume: ResumeSource
    private let allowedChanges: Set<String>
    let form: CheckpointForm
    let savesCompleted: Bool
    /// Whether a stop for a reason leaves a set.
    var savesStop: (StopReason) -> Bool = { $0.isUrgent }
    private let files: any FileSystem
    let logger: Logger
    private let stopping: StopOptions
    private var listener: StopListener?
    /// What it has warned of, or the run that it stops.
    var warned = GivenWarnings()
    private(set) var export: NetworkExport?
    private var isPrepared = false

    /// What the last run began from: nil if from nothing.
    public private(set) var resumed: ResumedRun?

    /// The manifest of the set that the last run left; nil if it was not stopped.
    public private(set) var published: FilePath?

    /// The request that ended the last run; nil if none did.
    public private(set) var stop: AgreedStop?

    /// Where the manifest of a training's set stands, or will.
    public var manifestPath: FilePath { directory.appending(SetNames.manifest(of: "\(fileName)_train")) }

    /// Makes a callback that hears several signals.
    ///
    /// `stopping` adds more ways to ask. `mindIR` says how `saveMindIR` writes the network, by default from its input to
    /// its outputs. A run resumes from the newest of its own sets and of those that a ``ModelCheckpoint`` of whatever prefix
    /// left in the same directory, if they hold all that it needs. With `savesCompleted` the end leaves a set too.
    ///
    /// A run whose samples, or settings that change what is computed, are not those of the set is refused, but for the
    /// settings that `allowedChanges` names: "learning-rate", "data".
    ///
    /// - Throws: ``SignalError`` for a number that is no signal or one that cannot be caught, ``OnRequestExitError`` for a
    ///   name that no file can have.
    public init(
        saveCkpt: Bool = true, saveMindIR: Bool = true, fileName: String = "Net", directory: String? = nil,
        signals: [Int32], configFile: String? = nil, resume: ResumeSource = .newest, allowedChanges: Set<String> = [],
        savesCompleted: Bool = false, form: CheckpointForm = .plain, stopping: StopOptions = StopOptions(),
        mindIR: MindIROptions = MindIROptions(),
        logger: Logger = Logger(label: "OnRequestExit"), files: any FileSystem = LocalFileSystem()
    ) throws {
        for signal in signals { try SignalError.check(signal) }
        guard FileNameStart.isValid(fileName) else { throw OnRequestExitError.badFileName(fileName) }
        savesCheckpoint = saveCkpt
        self.mindIR = saveMindIR ? mindIR : nil
        self.fileName = fileName
        self.directory = FilePath(text: directory ?? ".")
        self.signals = signals
        self.configFile = configFile.map { FilePath(text: $0) }
        self.resume = resume
        self.allowedChanges = allowedChanges
        self.form = form
        self.savesCompleted = savesCompleted
        self.stopping = stopping
        self.logger = logger
        self.files = files
        super.init()
    }

    /// Makes a callback, with MindSpore's arguments.
    ///
    /// - Throws: ``SignalError`` for a number that is no signal or one that cannot be caught, ``OnRequestExitError`` for a
    ///   name that no file can have.
    public convenience init(
        saveCkpt: Bool = true, saveMindIR: Bool = true, fileName: String = "Net", directory: String? = nil,
        sig: Int32 = SIGTERM, configFile: String? = nil
    ) throws {
        try self.init(
            saveCkpt: saveCkpt, saveMindIR: saveMindIR, fileName: fileName, directory: directory, signals: [sig],
            configFile: configFile)
    }

    /// Begins to listen, and offers to continue the run that a set in the directory is of.
    public override func contribute(to runContext: RunContext) throws {
        try listen(runContext)
        isPrepared = false
        guard savesCheckpoint else { return }
        if savesStop(.signal) { runContext.stopSet = StopSet(directory: directory, isSaved: savesStop) }
        runContext.addSetOwner { [unowned self] name, directory in owns(name, in: directory) }
        runContext.resume { [unowned self, unowned runContext] in try carryOn(runContext) }
    }

    /// Hears halt requests from now on: which of them the run before has answered is known.
    ///
    /// - Throws: ``ExportError`` if the network cannot be written as MindIR, now and not when it is too late.
    public override func onTrainBegin(_ runContext: RunContext) throws {
        resumed = runContext.resumed
        defer { listener?.hearHalts(answered: resumed?.cause.request?.haltRequest) }
        try prepareToSave(runContext)
    }

    /// Finds out, once, whether it can save here.
    private func prepareToSave(_ runContext: RunContext) throws {
        guard savesSomething, !isPrepared else { return }
        isPrepared = true
        try runContext.meet()
        try runContext.prepareDirectory(place(runContext), folder: folder(runContext))
        warnOfLauncher(runContext)
        try prepareExport(runContext)
    }

    /// Continues the run that a set in the directory is of.
    private func carryOn(_ runContext: RunContext) throws {
        try prepareToSave(runContext)
        let resumption = RunResumption(context: runContext, logger: logger, allowedChanges: allowedChanges)
        runContext.resumed = try resumption.resume(resume, in: place(runContext))
    }

    /// Whether a set is one that a stop of a training has left here.
    private func owns(_ name: String, in directory: FilePath) -> Bool {
        directory.lexicallyNormalized() == self.directory.lexicallyNormalized()
            && ["\(fileName)_train", "\(fileName)_train\(Self.nonFiniteSuffix)"].contains(name)
    }

    /// Saves if the run was stopped for a reason that leaves a set, or at its end.
    public override func onTrainEnd(_ runContext: RunContext) throws {
        try save("\(fileName)_train", runContext)
    }

    /// Begins to listen, in an evaluation that is not part of a training.
    public override func onEvalBegin(_ runContext: RunContext) throws {
        guard runContext.originalArgs().trainNetwork == nil else { return }
        try listen(runContext)
        listener?.hearNewHalts()
        guard mindIR != nil else { return }
        try runContext.meet()
        try prepareExport(runContext)
    }

    /// Saves the network if the evaluation was stopped from outside.
    public override func onEvalEnd(_ runContext: RunContext) throws {
        guard runContext.originalArgs().trainNetwork == nil else { return }
        try save("\(fileName)_eval", runContext)
    }

    /// Stops listening if an error ends the run.
    public override func exit(_ error: (any Error)?) -> Bool {
        if error != nil { listener = nil }
        return false
    }

    /// Publishes what there is a reason to, and ends what is answered by that.
    private func save(_ name: String, _ runContext: RunContext) throws {
        stop = runContext.agreedStop
        if Mutant.haltSettledEarly.isPlanted, stop != nil { listener?.settle() }
        if savesSomething, let cause = try cause(ofSaving: name, runContext) {
            try runContext.meet()
            published = try publish(name, cause, runContext)
        }
        if stop != nil { listener?.settle() }
        listener = nil
    }

    /// Why to save a set of this name; nil if there is no reason.
    private func cause(ofSaving name: String, _ runContext: RunContext) throws -> SaveCause? {
        if let stop = runContext.agreedStop, savesStop(stop.reason) { return SaveCause(stop) }
        let isAtEnd = runContext.isComplete || runContext.isEndedByCallback
        guard savesCompleted, isAtEnd, try !isEndSaved(as: name, runContext) else { return nil }
        return SaveCause("the end of the run")
    }

    /// Whether the run was complete when it began, and has its set. Another set of the same step does not do, for it has no
    /// network file; but a run may have carried on from such a one.
    private func isEndSaved(as name: String, _ runContext: RunContext) throws -> Bool {
        guard let resumed, resumed.position == runContext.position, !runContext.epochs.isRepeated else { return false }
        if resumed.name == name, resumed.directory == directory { return true }
        try runContext.meet()
        let own = runContext.world.rank == 0 ? try? place(runContext).manifest(named: name) : nil
        let isSaved = own.map { set in
            set.lineage?.run == runContext.branch.run && set.checkpoint.progress.finished
                && set.checkpoint.progress.step == runContext.position.step
        }
        return try runContext.meet(bringing: isSaved == true ? 1 : 0) == 1
    }

    private func listen(_ runContext: RunContext) throws {
        resumed = nil
        published = nil
        stop = nil
        listener = try StopListener(
            to: signals, configFile: configFile, stopping, in: runContext, files: files, logger: logger,
            warned: warned)
    }

    /// Rank 0 finds out whether a stop by the launcher leaves the time to save.
    private func warnOfLauncher(_ runContext: RunContext) {
        guard savesCheckpoint, let limit = stopping.launcher, runContext.world.rank == 0 else { return }
        let warning = LauncherWarning(limit, pace: runContext.pace, logger: logger, in: runContext.surroundings)
        warning.estimate(byteCount: runContext.stateByteCount, in: directory, files: files)
        runContext.whenPublished { set in
            if !set.isAsynchronous { warning.note(save: set.duration) }
        }
    }

    func place(_ context: RunContext) -> CheckpointDirectory {
        context.directory(directory, on: files, key: form.encryption?.key)
    }

    private var savesSomething: Bool { savesCheckpoint || mindIR != nil }

    private func prepareExport(_ runContext: RunContext) throws {
        export = try runContext.world.together { try mindIR.map { try runContext.export($0) } }
    }

    private func folder(_ runContext: RunContext) -> String { "rank_\(runContext.world.rank)" }
}
