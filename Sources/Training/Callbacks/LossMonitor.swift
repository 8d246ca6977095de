/// Prints the loss, and ends a run whose outputs are no numbers any more (MindSpore's `LossMonitor`).
///
/// After a step "epoch: 2 step: 1, loss is 0.25", where the step is that of the epoch; after the validation in `fit`
/// "Eval result: epoch 2, metrics: {'accuracy': 0.97}". The loss is that of all ranks. Unlike MindSpore's, it finds a
/// NaN in any output of the network, and sorts the metrics by name.
open class LossMonitor: Callback {
    private let perPrintTimes: Int
    private let output: LineOutput
    private var lastPrinted = 0

    /// Makes a monitor that prints after every `perPrintTimes`-th step; 0 never prints a step.
    ///
    /// - Throws: ``MonitorError`` if `perPrintTimes` is negative.
    public init(perPrintTimes: Int = 1, output: @escaping LineOutput = printLine) throws(MonitorError) {
        try MonitorError.check(perPrintTimes >= 0, "LossMonitor", "perPrintTimes", perPrintTimes, "at least 0")
        self.perPrintTimes = perPrintTimes
        self.output = output
    }

    /// MindSpore leaves it out of the validation inside `fit`.
    open override var hearsValidation: Bool { false }

    /// Prints the loss if it is time to.
    ///
    /// - Throws: ``MonitorError`` if an output is NaN or infinite.
    open override func stepEnd(_ runContext: RunContext) throws {
        let parameters = runContext.originalArgs()
        let (epoch, step) = (parameters.curEpochNum ?? 1, parameters.curStepNum)
        guard parameters.hasFiniteOutputs else {
            throw MonitorError.notFinite(epoch: epoch, step: parameters.stepInEpoch)
        }
        // Another run with the same monitor begins to count again.
        if step <= lastPrinted { lastPrinted = 0 }
        guard perPrintTimes > 0, step - lastPrinted >= perPrintTimes, let loss = lossText(parameters) else { return }
        lastPrinted = step
        runContext.report("epoch: \(epoch) step: \(parameters.stepInEpoch), loss is \(loss)", to: output)
    }

    /// Prints what the validation of the epoch measured, if there was one.
    open override func onTrainEpochEnd(_ runContext: RunContext) throws {
        try super.onTrainEpochEnd(runContext)
        let parameters = runContext.originalArgs()
        guard let metrics = parameters.metrics, let epoch = parameters.curEpochNum else { return }
        runContext.report("Eval result: epoch \(epoch), metrics: \(pythonText(metrics))", to: output)
    }

    /// MindSpore prints a single output as a Python float, the first of several as a float32.
    private func lossText(_ parameters: CallbackParameters) -> String? {
        guard let outputs = parameters.netOutputs, let loss = parameters.meanOutput else { return nil }
        return outputs.count == 1 ? pythonText(loss) : pythonText(Float(loss))
    }
}
