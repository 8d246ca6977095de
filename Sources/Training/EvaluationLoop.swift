import Collectives
public import Datasets
import Execution
public import Files
import Graphs
import Memory
import Networks
public import Stopping
import Tensors
import Watching

/// One evaluation, by itself or inside `fit`.
final class EvaluationLoop {
    let context: RunContext
    private let model: Model
    private let data: DataLoader
    private let parameters: CallbackParameters
    private let hooks: HookCaller
    private let averageLoss = LossMetric()

    init(
        _ model: Model, _ data: DataLoader, callbacks: CallbackList, parameters: CallbackParameters, run: RunState
    ) {
        self.model = model
        self.data = data
        self.parameters = parameters
        context = RunContext(parameters, run: run)
        hooks = HookCaller(callbacks, context: context)
        parameters.mode = .eval
        parameters.evalNetwork = model.network
        parameters.validDataset = data
        parameters.batchNum = data.stepsPerEpoch
        parameters.curStepNum = 0
    }

    /// Evaluates all samples, or those up to an agreed stop; the results are the same on all ranks.
    ///
    /// With `addingLoss` the average loss is put beside the metrics as "eval_loss". What somebody outside cut short has no
    /// results: those of some samples would be taken for those of all.
    func run(addingLoss: Bool) throws -> [String: Double] {
        for metric in model.metrics.values { metric.clear() }
        averageLoss.clear()
        try hooks.call(.evalBegin)
        try hooks.call(.evalEpochBegin)
        let order = data.order(ofEpoch: 1, seed: model.seed)
        for step in 1...data.stepsPerEpoch {
            try runStep(step, order)
            try hooks.agree()
            if context.agreedStop != nil { break }
        }
        let isCutShort = context.agreedStop?.reason.isUrgent == true && parameters.curStepNum < data.stepsPerEpoch
        try hooks.call(.evalEpochEnd)
        // Whoever is asked after the last step is heard too.
        try hooks.agree()
        if parameters.trainNetwork == nil { context.announceStop() }
        let results = isCutShort ? [:] : try results()
        parameters.metrics = isCutShort ? nil : results
        let withLoss =
            isCutShort ? [:] : results.merging(["eval_loss": try averageLoss.joined(over: model.samples())]) { $1 }
        if addingLoss { parameters.evalResults = isCutShort ? nil : withLoss }
        context.finiteness.look(atEvaluationLoss: withLoss["eval_loss"])
        try hooks.call(.evalEnd)
        try hooks.agree()
        return addingLoss ? withLoss : results
    }

    private func runStep(_ step: Int, _ order: SampleOrder) throws {
        let data = data.cut(to: data.length(ofStep: step, in: order))
        let range = data.range(
            step: step, rank: model.settings.placement.dataPart, of: model.settings.placement.dataParts)
        // In the last, partial batch a rank may have fewer samples than others, or none.
        let program = range.isEmpty ? nil : try model.evalProgram(for: data, rows: range.count)
        context.whereabouts.beginStep(step, isEvaluation: true)
        parameters.curStepNum = step
        parameters.evalDatasetElement = program?.inputs
        try hooks.attempt {
            guard let program else { return }
            try data.copySamples(Array(order[range])[...], ofEpoch: 1, seed: model.seed, into: program.inputs)
        }
        try hooks.call(.evalStepBegin)
        if let program {
            context.whereabouts.turn(to: .programs([program.progress]))
            try program.run()
            context.whereabouts.turn(to: .loop)
            update(with: program)
        }
        parameters.netOutputs = program?.outputs
        try hooks.call(.evalStepEnd)
    }

    private func update(with program: Program) {
        let columns = data.dataset.columns.count
        let outputs = EvaluationOutputs(
            program.outputs, labelCount: columns - model.network.inputCount(ofColumns: columns))
        for metric in model.metrics.values { metric.update(outputs) }
        averageLoss.update(outputs)
    }

    private func results() throws -> [String: Double] {
        // In the order of the names, since every rank must reduce the same metric at the same time.
        var results: [String: Double] = [:]
        for (name, metric) in model.metrics.sorted(by: { $0.key < $1.key }) {
            results[name] = try metric.joined(over: model.samples())
        }
        return results
    }
}

extension Model {
    /// Evaluates on all samples of a dataset (MindSpore's `Model.eval`) and returns the metrics, the same on all
    /// ranks.
    ///
    /// A callback may call it in a training of this model: it then hears what asks the training to stop, and the training
    /// stops too. `requests` lets it hear what no callback listens to. Cut short by somebody outside, it returns no metrics.
    ///
    /// - Throws: ``ModelError``; what a callback throws on any rank; `CollectiveError`.
    public func eval(
        _ validDataset: DataLoader, callbacks: [Callback] = [], requests: StopRequests? = nil,
        surroundings: any Surroundings = .system
    ) throws -> [String: Double] {
        guard !metrics.isEmpty else { throw ModelError.noMetrics }
        let parameters = CallbackParameters(mode: .eval, network: network)
        parameters.listCallback = callbacks
        let callbacks = CallbackList(callbacks: callbacks)
        let run =
            trainingContext?.makeEvaluationRun()
            ?? RunState(world: world, in: surroundings, mesh: settings.placement.mesh, onNaN: settings.onNaN)
        run.stopSources += requests?.sources ?? []
        let loop = EvaluationLoop(self, validDataset, callbacks: callbacks, parameters: parameters, run: run)
        let evaluate = { try callbacks.around(in: self.world) { try loop.run(addingLoss: false) } ?? [:] }
        let results = try trainingContext?.clock.counting(as: \.evaluations, evaluate) ?? evaluate()
        if let stop = loop.context.agreedStop, stop.reason.isUrgent {
            requests?.stop = stop
            trainingContext?.take(over: stop)
        }
        return results
    }
}
