import Graphs
import Networks
import Tensors
import Testing

@testable import Runs
@testable import Training

/// The monitors that watch a value from epoch to epoch.
extension MonitorCase {
    func replayEarlyStopping() throws -> Bool {
        try replayEarlyStopping(expecting: json["trace"].array)
        return true
    }

    func replayReduceLROnPlateau() throws -> Bool {
        try replayReduceLROnPlateau(expecting: json["trace"].array)
        return true
    }

    /// Each row of `trace`: epoch, whether a stop was asked for, wait, best.
    fileprivate func replayEarlyStopping(expecting trace: [JSON]) throws {
        let arguments = json["ctor"]
        let lines = Lines()
        let monitor = try EarlyStopping(
            monitor: arguments["monitor"].string ?? "", minDelta: arguments["min_delta"].double ?? 0,
            patience: arguments["patience"].int ?? 0, verbose: arguments["verbose"].bool ?? false,
            mode: mode, baseline: arguments["baseline"].double, output: lines.output)
        let context = smallContext()
        var heard: [JSON] = []
        try monitor.onTrainBegin(context)
        for epoch in json["values"].array.indices where !context.getStopRequested() {
            describe(epoch, in: context.originalArgs())
            try monitor.onTrainEpochEnd(context)
            heard.append(
                .array([
                    .number(Double(epoch + 1)), .bool(context.getStopRequested()), .number(Double(monitor.wait)),
                    monitor.best.isFinite ? .number(monitor.best) : .null,
                ]))
        }
        try monitor.onTrainEnd(context)
        #expect(heard == trace, "\(name)")
        expectRecordedText(lines)
    }

    /// Each row of `trace`: epoch, the learning rate after it, wait, the epochs of cooldown left.
    fileprivate func replayReduceLROnPlateau(expecting trace: [JSON]) throws {
        let arguments = json["ctor"]
        let lines = Lines()
        let monitor = try ReduceLROnPlateau(
            monitor: arguments["monitor"].string ?? "", factor: Float(arguments["factor"].double ?? 0.1),
            patience: arguments["patience"].int ?? 10, verbose: arguments["verbose"].bool ?? false, mode: mode,
            cooldown: arguments["cooldown"].int ?? 0, minLR: Float(arguments["min_lr"].double ?? 0),
            output: lines.output)
        let optimizer = optimizer
        let context = smallContext()
        context.originalArgs().optimizer = optimizer
        var heard: [JSON] = []
        do {
            try monitor.onTrainBegin(context)
            for epoch in json["values"].array.indices {
                describe(epoch, in: context.originalArgs())
                try monitor.onTrainEpochEnd(context)
                let rate = optimizer.learningRate.tensor.elements(of: Float.self)[0]
                heard.append(
                    .array([
                        .number(Double(epoch + 1)), .number(Double(rate)), .number(Double(monitor.wait)),
                        .number(Double(monitor.cooldownCounter)),
                    ]))
            }
            #expect(json["raised"] == .null, "\(name)")
        } catch let error as MonitorError {
            #expect(json["raised"] != .null && error == .scheduledLearningRate(monitor: "ReduceLROnPlateau"), "\(name)")
        }
        #expect(heard == trace, "\(name)")
        expectRecordedText(lines)
    }

    private var mode: MonitorMode { json["ctor"]["mode"].string.flatMap(MonitorMode.init) ?? .auto }

    /// One with the recorded rate, or whose rate is not just a parameter.
    private var optimizer: Optimizer {
        let rate = Float(json["initial_lr"].double ?? 0)
        let isParameter = json["label"].string != "learning rate not a Parameter"
        return Momentum(
            SmallNetwork().parameters, learningRate: isParameter ? .constant(rate) : LearningRate { _ in rate },
            momentum: 0.9)
    }

    private func describe(_ index: Int, in parameters: CallbackParameters) {
        let value = json["values"].array[index].double
        let monitor = json["ctor"]["monitor"].string ?? ""
        parameters.curEpochNum = index + 1
        parameters.evalResults = monitor == "loss" ? nil : value.map { [monitor: $0] }
        parameters.netOutputs = monitor == "loss" ? value.map { [Tensor(scalar: $0)] } : nil
    }

    private func expectRecordedText(_ lines: Lines) {
        #expect(lines.text == json["stdout"].string, "\(name)")
        #expect(lines.warnings == json["log"].array.compactMap(\.string), "\(name)")
    }
}

/// The cases of EarlyStopping and ReduceLROnPlateau in which Lockstep does something else on purpose.
let valueMonitorDifferences: [String: DeliberateDifference] = [
    "EarlyStopping/baseline=0 is ignored (falsy)": DeliberateDifference("0 is a baseline like any other.") {
        try MonitorCase.named("EarlyStopping/baseline=0 is ignored (falsy)").replayEarlyStopping(
            expecting: [row(1, false, 1, 1), row(2, true, 2, 0.9)])
    },
    "EarlyStopping/value 0.0 is treated as missing": DeliberateDifference("0.0 is a value like any other.") {
        try MonitorCase.named("EarlyStopping/value 0.0 is treated as missing").replayEarlyStopping(
            expecting: [row(1, false, 0, 1), row(2, false, 0, 0), row(3, false, 1, 0), row(4, true, 2, 0)])
    },
    "EarlyStopping/baseline reached": DeliberateDifference(
        "A value better than the baseline counts; MindSpore 2.10 puts min_delta in the place of the baseline."
    ) {
        try MonitorCase.named("EarlyStopping/baseline reached").replayEarlyStopping(
            expecting: [row(1, false, 1, 1), row(2, false, 0, 0.4), row(3, false, 0, 0.3), row(4, false, 1, 0.3)])
    },
    "ReduceLROnPlateau/value 0.0 treated as missing": DeliberateDifference("0.0 is a value like any other.") {
        try MonitorCase.named("ReduceLROnPlateau/value 0.0 treated as missing").replayReduceLROnPlateau(
            expecting: [[1, 1, 0, 0], [2, 1, 0, 0], [3, 0.5, 0, 0]].map { .array($0.map { .number($0) }) })
    },
]

private func row(_ epoch: Double, _ isStopped: Bool, _ wait: Double, _ best: Double) -> JSON {
    .array([.number(epoch), .bool(isStopped), .number(wait), .number(best)])
}
