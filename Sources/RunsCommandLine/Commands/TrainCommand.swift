import ArgumentParser
import Lockstep
import SystemPackage
import Terminal

/// `train` of a program, the default: trains, or carries on a run that was stopped.
struct TrainCommand<Program: TrainingProgram>: RankCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "train", abstract: "Train, or carry on a run that was stopped.")
    }

    @OptionGroup var program: Program
    @OptionGroup var options: RunOptions
    @OptionGroup(title: "Steps") var steps: StepOptions
    @OptionGroup(title: "Checkpoints") var checkpoints: CheckpointOptions
    @OptionGroup(title: "Stopping") var stopping: StopArguments
    @OptionGroup(title: "MindIR") var mindIR: NetworkSavingOptions
    @OptionGroup(title: "Watchdog and drills") var rehearsal: RehearsalOptions
    @OptionGroup(title: "Records") var records: RecordOptions
    @OptionGroup(title: "Profile") var profiling: ProfileOptions

    @Option(help: "How often all samples are passed through, in all. (default: the program's)")
    var epochs: Int?

    func validate() throws {
        try checkCount("--epochs", epochs)
    }

    func run(_ launch: Launch) throws -> ExitStatus {
        let console = Console(rank: launch.world.rank)
        try launch.listen(for: options.signals)
        _ = try options.placement(in: launch.world, tensorParts: program.tensorParts)
        let scene = try rehearsal.prepare(in: launch.world, directory: options.directory, options.configFile)
        let directory = NewDirectory(FilePath(text: options.directory))
        let lock: RunLock?
        switch try takeDirectory(launch, console) {
        case .taken(let taken): lock = taken
        case .stopped: return ExitStatus(rawValue: stopping.requeueExitCode)
        }
        defer { withExtendedLifetime(lock) {} }
        let status = StatusReport(directory: FilePath(text: options.directory))
        let setup = try directory.kept(by: launch.world) {
            try status.starting(in: launch.world) {
                try scene.start(in: launch.world)
                return try RunFailure.ending(with: .configuration) { try prepare(launch, scene) }
            }
        }
        let (task, model, test, exit) = (setup.task, setup.model, setup.test, setup.exit)
        let progress = ProgressReport(console, exit: exit, resume: checkpoints.resume)
        // What the program brings counts steps before they are saved.
        let usual = [status, exit] + task.callbacks + [setup.saves, progress].compactMap { $0 as Callback? }
        let callbacks =
            scene.callbacks + usual
            + records.makeCallbacks(console, task: task, model: model, test: test, rehearsing: scene.drills)
        do {
            try profiling.begin(model.backend.profile, in: launch.world)
            try model.fit(
                setup.epochs, setup.data, checkpoints.needsValidation ? test : nil, callbacks: callbacks)
        } catch let error where exit.stop != nil {
            return try RunFailure.ending(with: .saveFailed) { throw error }
        }
        try progress.reportEnd(of: model)
        try profiling.finish(model.backend.profile, in: launch.world, console)
        if progress.isComplete, let test {
            let results = try evaluate(model, on: test, callbacks: scene.callbacks, launch)
            console.say(
                results.map { task.describe($0, test.dataset.count) }
                    ?? "stopped as asked, before all test samples were measured")
        }
        console.say("checkpoint: \(exit.published ?? exit.manifestPath)")
        let isToBeCarriedOn = !progress.isComplete && exit.published != nil
        return isToBeCarriedOn ? ExitStatus(rawValue: stopping.requeueExitCode) : .success
    }

    /// Keeps other runs out of the directory, once those that are there have left.
    private func takeDirectory(_ launch: Launch, _ console: Console) throws -> RunLock.Hold {
        let directory = FilePath(text: options.directory)
        // A halt request there is for the run that goes on.
        var ways = stopping.options(launch, directory: options.directory)
        ways.runDirectory = nil
        let requests = try StopRequests(
            to: options.signals, configFile: options.configFile.map { FilePath(text: $0) }, ways, in: launch.world)
        let hold = try RunLock.take(directory, in: launch.world, hearing: requests) { holder in
            console.say("waiting for the run that goes on in \(options.directory) (\(holder)) to leave")
        }
        if case .taken(.some) = hold { removeLeftovers(in: directory, console) }
        return hold
    }

    /// Deletes what interrupted saves have left in a directory where nobody else saves now.
    private func removeLeftovers(in directory: FilePath, _ console: Console) {
        do {
            let sets = CheckpointDirectory(directory, key: try checkpoints.key.load())
            for problem in sets.removeLeftovers() { console.say(problem) }
        } catch {
            // That the key cannot be had is said when the run is prepared. Without it nothing is proven.
        }
    }

    /// Measures the test samples at the end; nil if somebody asked for the end of that.
    private func evaluate(
        _ model: Model, on test: DataLoader, callbacks: [Callback], _ launch: Launch
    ) throws -> [String: Double]? {
        let requests = try StopRequests(
            to: options.signals, configFile: options.configFile.map { FilePath(text: $0) },
            stopping.options(launch, directory: options.directory), hearsOldHalts: true, in: launch.world)
        let results = try model.eval(test, callbacks: callbacks, requests: requests)
        requests.settle()
        return results.isEmpty ? nil : results
    }

    /// All that a run needs.
    private struct Setup {
        let task: TrainingTask
        let model: Model
        let data: DataLoader
        let test: DataLoader?
        let epochs: Int
        let exit: OnRequestExit
        let saves: ModelCheckpoint?
    }

    private func prepare(_ launch: Launch, _ scene: Rehearsal) throws -> Setup {
        let world = scene.world
        let setting = try options.setting(in: world, tensorParts: program.tensorParts)
        let task = try program.task(in: setting)
        let data = try task.data(in: world)
        // Now, not after hours of training: it may not be there.
        let test = try task.testData(in: world)
        try task.check(data, test, in: world)
        try checkpoints.check(task, hasTests: test != nil)
        try records.check(task, hasTests: test != nil)
        let key = try world.together { try checkpoints.key.load() }
        let profile = try profiling.makeProfile(in: world)
        let epochs = epochs ?? task.epochs
        // The number of all steps must be one.
        try checkCount("--epochs", epochs, atMost: .max / data.stepsPerEpoch)
        let model = try task.makeModel(
            steps: epochs * data.stepsPerEpoch, settings: steps.settings(task, setting.placement),
            backend: options.makeBackend(profile: profile), seed: options.seed, in: world)
        let exit = try OnRequestExit(
            saveMindIR: mindIR.isWanted, fileName: task.name, directory: options.directory,
            signals: options.signals, configFile: options.configFile, resume: checkpoints.resume,
            allowedChanges: Set(checkpoints.allowedChanges), savesCompleted: true,
            options: checkpoints.fileOptions(key), stopping: stopping.options(launch, directory: options.directory),
            mindIR: mindIR.form.options(), files: scene.files)
        let saves = try checkpoints.makeModelCheckpoint(
            key, directory: options.directory, globalBatchSize: data.batchSize, files: scene.files)
        let memory = try model.trainingMemory(
            for: data, testing: test, callbacks: [exit, saves].compactMap { $0 as Callback? })
        Console(rank: world.rank).say(memory.sentence)
        return Setup(
            task: task, model: model, data: data, test: test, epochs: epochs, exit: exit, saves: saves)
    }
}
