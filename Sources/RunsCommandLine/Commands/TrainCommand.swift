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
        let run = try makeRun(launch)
        let setup = try run.prepare(saying: console.say) {
            try RunFailure.ending(with: .configuration) { try prepare(run, launch, console) }
        }
        guard let setup else { return ExitStatus(rawValue: stopping.requeueExitCode) }
        let (task, model, test) = (setup.task, setup.model, setup.test)
        try profiling.begin(model.backend.profile, in: launch.world)
        let progress = ProgressReport(console, resume: checkpoints.resume)
        let outcome = try run.fit(
            model, epochs: setup.epochs, setup.data, validation: checkpoints.needsValidation ? test : nil,
            // What the program brings counts steps before they are saved.
            callbacks: task.callbacks + setup.saves
                + [progress, ConfigurationRecord(launch.configuration, in: run.directory)]
                + records.makeCallbacks(console, task: task, model: model, test: test, rehearsing: run.drilling))
        progress.say(outcome)
        try profiling.finish(model.backend.profile, in: launch.world, console)
        if outcome.isComplete, let test {
            let results = try run.eval(model, test)
            console.say(
                results.map { task.describe($0, test.dataset.count) }
                    ?? "stopped as asked, before all test samples were measured")
        }
        if let checkpoint = outcome.checkpoint { console.say("checkpoint: \(checkpoint)") }
        return outcome.isToBeCarriedOn ? ExitStatus(rawValue: stopping.requeueExitCode) : .success
    }

    private func makeRun(_ launch: Launch) throws -> Run {
        let key = try RunFailure.ending(with: .configuration) {
            try launch.world.together { try checkpoints.key.load() }
        }
        var plan = RunPlan(
            resume: checkpoints.resume, allowedChanges: Set(checkpoints.allowedChanges),
            stops: try stopping.plan(launch, options), files: try checkpoints.form(key),
            mindIR: mindIR.isWanted ? mindIR.form.options() : nil)
        rehearsal.fill(&plan)
        do {
            return try Run(in: options.directory, world: launch.world, plan: plan, surroundings: launch.surroundings)
        } catch let error as DrillError {
            throw ValidationError("\(error)")
        }
    }

    /// All that is trained.
    private struct Setup {
        let task: TrainingTask
        let model: Model
        let data: DataLoader
        let test: DataLoader?
        let epochs: Int
        let saves: [Callback]
    }

    private func prepare(_ run: Run, _ launch: Launch, _ console: Console) throws -> Setup {
        let world = run.world
        let setting = try options.setting(in: world, tensorParts: program.tensorParts)
        let task = try program.task(in: setting)
        run.nameFiles(after: task.name)
        let data = try task.data(in: world, workers: options.workers)
        // Now, not after hours of training: it may not be there.
        let test = try task.testData(in: world)
        try task.check(data, test, in: world)
        try checkpoints.check(task, hasTests: test != nil)
        try records.check(task, hasTests: test != nil)
        let profile = try profiling.makeProfile(in: world, launch.surroundings)
        let epochs = epochs ?? task.epochs
        // The number of all steps must be one.
        try checkCount("--epochs", epochs, atMost: .max / data.stepsPerEpoch)
        let model = try task.makeModel(
            steps: epochs * data.stepsPerEpoch, settings: steps.settings(task, setting.placement),
            backend: options.makeBackend(profile: profile), seed: options.seed, in: world)
        model.options = launch.configuration?.ownOptions ?? [:]
        let saver = try checkpoints.makeModelCheckpoint(for: task, in: run, globalBatchSize: data.batchSize)
        let saves = saver.map { [$0] } ?? []
        console.say(try run.trainingMemory(of: model, for: data, testing: test, callbacks: saves).sentence)
        return Setup(task: task, model: model, data: data, test: test, epochs: epochs, saves: saves)
    }
}
