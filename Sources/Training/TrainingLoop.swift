import Checkpoints
import Collectives
import Datasets
import Execution
import Files
import Graphs
import Networks
import Records
import Stopping
import Tensors
import Watching

/// One call of `train` or `fit`.
final class TrainingLoop {
    let callbacks: CallbackList
    private let model: Model
    private let optimizer: Optimizer
    private let epochs: Int
    private let data: DataLoader
    private let validation: (data: DataLoader, frequency: ValidationFrequency)?
    /// Makes the next step: of ``runners``, the one for the length of its samples.
    private var runner: StepRunner
    private let runners: [Int?: StepRunner]
    private let run: RunState
    private let parameters: CallbackParameters
    private let context: RunContext
    private let hooks: HookCaller

    /// The numbers of the samples that lie in the runner's inputs.
    private var fetched: ArraySlice<Int> = []

    /// Makes batches ready while steps run.
    private let feed: BatchFeed

    init(
        _ model: Model, _ optimizer: Optimizer, epochs: Int, initialEpoch: Int, data: DataLoader,
        validation: (DataLoader, ValidationFrequency)?, callbacks: CallbackList, in surroundings: any Surroundings
    ) throws {
        self.model = model
        self.optimizer = optimizer
        self.epochs = epochs
        self.data = data
        self.validation = validation
        self.callbacks = callbacks
        let measuresNorm = callbacks.callbacks.contains(where: \.readsGradientNorm)
        func makeRunner(_ length: Int?) throws -> StepRunner {
            try model.runner(for: data.cut(to: length), optimizer: optimizer, measuresNorm: measuresNorm)
        }
        try model.refuseDifferentOrders(of: data)
        let ready = try data.lengths.map { (length: $0, runner: try makeRunner($0)) }
        runner = ready[0].runner
        runners = Dictionary(uniqueKeysWithValues: ready.map { ($0.length, $0.runner) })
        run = RunState(
            world: model.world, in: surroundings, mesh: model.settings.placement.mesh, epochs: epochs,
            profile: model.backend.profile, seed: model.seed, onNaN: model.settings.onNaN,
            settings: RunSettings(options: model.options) { try model.settings(training: data, with: optimizer) })
        feed = BatchFeed(seed: model.seed, in: surroundings)
        run.finiteness.watch(optimizer.trained + optimizer.state + runner.changing)
        run.position = RunPosition(epoch: initialEpoch, stepInEpoch: data.stepsPerEpoch)
        parameters = CallbackParameters(mode: .train, network: model.network)
        context = RunContext(parameters, run: run)
        hooks = HookCaller(callbacks, context: context)
        describeRun(initialEpoch: initialEpoch)
    }

    /// Makes the epochs that are left, to the end or to an agreed stop.
    func train() throws {
        // An evaluation that a callback makes is a part of this training.
        model.trainingContext = context
        defer { model.trainingContext = nil }
        try hooks.call(.contribution)
        try hooks.attempt { try run.resumption?() }
        try hooks.call(.trainBegin)
        try hooks.agree()
        try context.restoreCallbacks()
        parameters.curStepNum = run.position.step
        // Where nothing is left to do, no epoch begins that would say its number.
        if nextStep == nil { parameters.curEpochNum = run.position.epoch }
        var isOver = try endEpochOfBefore()
        while !isOver, let (epoch, step) = nextStep {
            try runEpoch(epoch, from: step)
            isOver = context.agreedStop != nil
        }
        context.announceStop()
        try hooks.call(.trainEnd)
        try hooks.agree()
    }

    /// The epoch and the step in it that come next; nil after the last.
    private var nextStep: (epoch: Int, stepInEpoch: Int)? {
        let position = run.position
        if (1...epochs).contains(position.epoch), position.stepInEpoch < data.stepsPerEpoch {
            return (position.epoch, position.stepInEpoch + 1)
        }
        return position.epoch < epochs ? (position.epoch + 1, 1) : nil
    }

    private func runEpoch(_ epoch: Int, from firstStep: Int) throws {
        let order = data.order(ofEpoch: epoch, seed: model.seed, shuffling: run.shuffling)
        parameters.curEpochNum = epoch
        try hooks.call(.trainEpochBegin)
        // What is on its way when the epoch is left belongs to no step.
        defer { feed.cancel() }
        try hooks.attempt { try fetch(firstStep, in: order) }
        try hooks.agree()
        for stepInEpoch in firstStep...data.stepsPerEpoch {
            let position = RunPosition(epoch: epoch, stepInEpoch: stepInEpoch, step: run.position.step + 1)
            try run.profile.measure(ProfileLabel(.step, "step \(position.step)")) {
                run.clock.beginStep()
                try runStep(position)
                // The next batch is fetched before the ranks agree, so that a sample that cannot be read ends the run
                // between two steps.
                if stepInEpoch < data.stepsPerEpoch { try hooks.attempt { try fetch(stepInEpoch + 1, in: order) } }
                try hooks.agree(endingStep: true)
            }
            run.profile?.endStep()
            if context.agreedStop != nil || isLeavingEarly { break }
        }
        run.epochState.isRepeated = false
        try endEpoch(epoch)
    }

    /// What follows the last step of an epoch, or the one after which the run stops.
    private func endEpoch(_ epoch: Int) throws {
        if isStoppedFromOutside { context.announceStop() }
        run.finiteness.lookAtState(afterStep: run.position.step)
        try validateIfDue(epoch)
        let isSeen = !isValidationDue(epoch) || !isStoppedFromOutside
        run.epochState.isWhole = isSeen && (!isStoppedFromOutside || run.position.stepInEpoch == data.stepsPerEpoch)
        try hooks.call(.trainEpochEnd)
        try hooks.agree()
        if run.epochState.isWhole { run.epochState.ended = epoch }
        parameters.metrics = nil
        parameters.evalResults = nil
    }

    /// Ends the epoch whose last step was saved before its end was seen: what the validation or a monitor says of it may
    /// end the run. Returns whether no step is to be made.
    private func endEpochOfBefore() throws -> Bool {
        let wasAsked = context.agreedStop != nil
        let epoch = run.position.epoch
        guard let record = run.epochState.resumed, !record.endsRun, record.endedEpoch < epoch,
            run.position.stepInEpoch == data.stepsPerEpoch, epoch <= epochs,
            context.hasStatefulCallbacks || isValidationDue(epoch)
        else { return run.epochState.isRunEnded }
        parameters.curEpochNum = epoch
        if let loss = record.loss {
            runner.outputs[0].fill(with: Float(loss))
            parameters.netOutputs = runner.outputs
        }
        run.epochState.isRepeated = true
        try endEpoch(epoch)
        // Who was asked before makes one step, if the end of the epoch is seen.
        return context.agreedStop != nil && (!wasAsked || !run.epochState.isWhole)
    }

    private var isLeavingEarly: Bool { Mutant.ownMarkFirst.isPlanted && context.getStopRequested() }

    private var isStoppedFromOutside: Bool { context.agreedStop?.reason.isUrgent == true }

    private func isValidationDue(_ epoch: Int) -> Bool { validation?.frequency.includes(epoch) == true }

    private func runStep(_ position: RunPosition) throws {
        run.whereabouts.beginStep(position.step, isEvaluation: false)
        parameters.curStepNum = position.step
        parameters.trainDatasetElement = runner.inputs
        parameters.trainSamples = fetched
        try hooks.call(.trainStepBegin)
        optimizer.prepare(step: position.step)
        let begin = context.surroundings.now
        run.whereabouts.turn(to: .programs(runner.progress))
        try runner.run(step: position.step, firstSample: dataPart * runner.inputs[0].shape[0])
        run.whereabouts.turn(to: .loop)
        context.pace.note(step: begin.duration(to: context.surroundings.now))
        optimizer.finish(step: position.step)
        run.finiteness.look(atStep: position.step, loss: runner.outputs, gradientNorm: runner.gradientNorm)
        run.position = position
        parameters.netOutputs = runner.outputs
        parameters.gradientNorm = runner.gradientNorm
        try hooks.call(.trainStepEnd)
    }

    private var dataPart: Int { model.settings.placement.dataPart }

    private func fetch(_ stepInEpoch: Int, in order: SampleOrder) throws {
        let epoch = parameters.curEpochNum ?? 1
        let batch = batch(ofStep: stepInEpoch, in: order)
        (fetched, runner) = (batch.samples, batch.runner)
        try run.profile.measure(ProfileLabel(.data, "samples")) {
            try feed.take(fetched, of: batch.data, inEpoch: epoch, into: runner.inputs)
        }
        guard stepInEpoch < data.stepsPerEpoch else { return }
        let next = self.batch(ofStep: stepInEpoch + 1, in: order)
        feed.begin(next.samples, of: next.data, inEpoch: epoch, like: next.runner.inputs)
    }

    /// This rank's samples of a step, cut to the length of the batch, and who makes the step.
    private func batch(
        ofStep stepInEpoch: Int, in order: SampleOrder
    ) -> (samples: ArraySlice<Int>, data: DataLoader, runner: StepRunner) {
        let length = data.length(ofStep: stepInEpoch, in: order)
        guard let runner = runners[length] else { fatalError("no step is made for the length \(length ?? 0)") }
        let range = data.range(step: stepInEpoch, rank: dataPart, of: model.settings.placement.dataParts)
        return (Array(order[range])[...], data.cut(to: length), runner)
    }

    private func validateIfDue(_ epoch: Int) throws {
        guard let validation, isValidationDue(epoch), !isStoppedFromOutside else { return }
        let saved = (parameters.curStepNum, parameters.batchNum, parameters.netOutputs)
        let heard = CallbackList(callbacks: callbacks.callbacks.filter(\.hearsValidation))
        let evaluation = EvaluationLoop(
            model, validation.data, callbacks: heard, parameters: parameters, run: run)
        _ = try run.clock.counting(as: \.evaluations) {
            try heard.around(in: model.world) { try evaluation.run(addingLoss: true) }
        }
        (parameters.curStepNum, parameters.batchNum, parameters.netOutputs) = saved
        parameters.mode = .train
        if let stop = evaluation.context.agreedStop { context.take(over: stop) }
    }

    private func describeRun(initialEpoch: Int) {
        parameters.trainNetwork = model.network
        parameters.epochNum = epochs - initialEpoch
        parameters.batchNum = data.stepsPerEpoch
        parameters.lossFn = model.lossFn
        parameters.optimizer = optimizer
        parameters.parallelMode = model.world.size > 1 ? "data_parallel" : "stand_alone"
        parameters.deviceNumber = model.world.size
        parameters.trainDataset = data
        parameters.listCallback = callbacks.callbacks
    }
}
