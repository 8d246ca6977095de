import Tensors
import Testing

@testable import Runs
@testable import Training

extension MonitorCase {
    func replayLossMonitor() throws -> Bool {
        if let outputs = recordedOutputs[json["net_outputs"].string ?? ""] {
            try replayOutput(outputs)
        } else if json["printed"] != .null {
            try replaySteps()
        } else if json["hook"] != .null {
            #expect(try epochEndText() == json["stdout"].string, "\(name)")
        } else if json["real_model"] != .null {
            try replayModel()
        } else {
            return false
        }
        return true
    }

    private func replayOutput(_ outputs: [Tensor]) throws {
        let (text, error) = try lossText(of: outputs)
        #expect(text == json["stdout"].string, "\(name)")
        #expect(error == json["raised"]["message"].string, "\(name)")
    }

    /// What the monitor prints and throws after the recorded step with these outputs.
    fileprivate func lossText(of outputs: [Tensor]?) throws -> (text: String, error: String?) {
        let lines = Lines()
        let monitor = try LossMonitor(output: lines.output)
        let context = smallContext()
        let parameters = context.originalArgs()
        parameters.curEpochNum = json["cb_params"]["cur_epoch_num"].int
        parameters.curStepNum = json["cb_params"]["cur_step_num"].int ?? 0
        parameters.batchNum = json["cb_params"]["batch_num"].int ?? 0
        parameters.netOutputs = outputs
        do {
            try monitor.onTrainStepEnd(context)
            return (lines.text, nil)
        } catch {
            return (lines.text, "\(error)")
        }
    }

    private func replaySteps() throws {
        let lines = Lines()
        let monitor = try LossMonitor(perPrintTimes: json["per_print_times"].int ?? 1, output: lines.output)
        let context = smallContext()
        let parameters = context.originalArgs()
        parameters.batchNum = json["batch_num"].int ?? 0
        parameters.netOutputs = [Tensor(scalar: Float(1))]
        var printed: [JSON] = []
        for step in json["steps"].array.compactMap(\.int) {
            parameters.curStepNum = step
            parameters.curEpochNum = (step - 1) / parameters.batchNum + 1
            let before = lines.all.count
            try monitor.onTrainStepEnd(context)
            printed += lines.all[before...].map { .array([.number(Double(step)), .string($0)]) }
        }
        #expect(printed == json["printed"].array, "\(name)")
    }

    fileprivate func epochEndText() throws -> String {
        let lines = Lines()
        let context = smallContext()
        context.originalArgs().curEpochNum = 3
        context.originalArgs().metrics =
            json["metrics"] == .null ? nil : json["metrics"].object.compactMapValues(\.double)
        try LossMonitor(output: lines.output).onTrainEpochEnd(context)
        return lines.text
    }

    /// Runs a model whose losses and metrics are the recorded ones.
    private func replayModel() throws {
        let lines = Lines()
        let monitors = [try LossMonitor(output: lines.output)]
        let model = modelOfGivenLosses()
        switch json["real_model"].string {
        case "train":
            try model.train(1, loader(ofLosses: [0.010000001639127731, 0.08531209081411362]), callbacks: monitors)
        case "fit":
            // Two float32 labels whose mean absolute value is the recorded float64.
            let mae = 0.3494386523962021
            let first = Float(2 * mae).nextDown
            let second = Float(2 * mae - Double(first))
            try model.fit(
                1, loader(ofLosses: [0.010000001639127731, 0.08531209081411362]), loader(ofLosses: [first, second]),
                callbacks: monitors)
        default: _ = try model.eval(loader(ofLosses: [0.010000002, 0.08500001]), callbacks: monitors)
        }
        #expect(lines.text == json["stdout"].string, "\(name)")
    }
}

private let recordedOutputs: [String: [Tensor]] = [
    "Tensor scalar 0.5": [Tensor(scalar: Float(0.5))],
    "Tensor f32 0.1": [Tensor(scalar: Float(0.1))],
    "Tensor [1,2] -> mean": [Tensor([Float(1), 2], shape: [2])],
    "tuple(Tensor 0.5, ...)": [Tensor(scalar: Float(0.5)), Tensor(scalar: Float(1))],
    "Tensor nan": [Tensor(scalar: Float.nan)],
    "Tensor inf": [Tensor(scalar: Float.infinity)],
    "Tensor -inf": [Tensor(scalar: -Float.infinity)],
    "Tensor 1e-7": [Tensor(scalar: Float(1e-7))],
    "Tensor 12345678": [Tensor(scalar: Float(12_345_678))],
    "Tensor int32 7": [Tensor(scalar: Int32(7))],
    "Tensor f64 0.1": [Tensor(scalar: 0.1)],
]

/// The cases of LossMonitor in which Lockstep does something else on purpose.
let lossMonitorDifferences: [String: DeliberateDifference] = [
    "LossMonitor/list[Tensor [1,2]]": DeliberateDifference(
        "One output is one output, in a list or not: its mean is printed."
    ) {
        let outputs = [Tensor([Float(1), 2], shape: [2])]
        let printed = try MonitorCase.named("LossMonitor/list[Tensor [1,2]]").lossText(of: outputs)
        #expect(printed.text == "epoch: 2 step: 2, loss is 1.5\n")
    },
    "LossMonitor/tuple(Tensor nan)": DeliberateDifference(
        "A NaN ends the run in whichever output it stands; MindSpore looks at a single output only."
    ) {
        let monitorCase = MonitorCase.named("LossMonitor/tuple(Tensor nan)")
        let (nan, one) = (Tensor(scalar: Float.nan), Tensor(scalar: Float(1)))
        for outputs in [[nan, one], [one, nan], [one, Tensor([Float(1), -.infinity], shape: [2])]] {
            let (text, error) = try monitorCase.lossText(of: outputs)
            #expect(text.isEmpty)
            #expect(error == "\(MonitorError.notFinite(epoch: 2, step: 2))")
        }
    },
    "LossMonitor/None": DeliberateDifference(
        "A step without outputs, on a rank that had no samples in an evaluation, has no loss to print."
    ) {
        let (text, error) = try MonitorCase.named("LossMonitor/None").lossText(of: nil)
        #expect(text.isEmpty && error == nil)
    },
    "LossMonitor/on_train_epoch_end with metrics mae, loss": DeliberateDifference(
        "Metrics are printed in the order of their names; Swift's dictionaries have none of their own."
    ) {
        let monitorCase = MonitorCase.named("LossMonitor/on_train_epoch_end with metrics mae, loss")
        let text = try monitorCase.epochEndText()
        #expect(text == "Eval result: epoch 3, metrics: {'loss': 1.25, 'mae': 0.5}\n")
    },
]
