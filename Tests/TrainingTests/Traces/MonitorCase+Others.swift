import Graphs
import Networks
import Tensors
import Testing

@testable import Runs
@testable import Training

extension MonitorCase {
    func replayTimeMonitor() throws -> Bool {
        let lines = Lines()
        let clock = ManualClock()
        let monitor = try TimeMonitor(
            dataSize: json["ctor"]["data_size"].int, dataTime: json["ctor"]["data_time"].bool ?? false,
            output: lines.output, now: clock.now)
        let isEvaluation = json["cb_params"]["mode"].string == "eval"
        let context = smallContext()
        context.originalArgs().mode = isEvaluation ? .eval : .train
        context.originalArgs().batchNum = json["cb_params"]["batch_num"].int ?? 0
        try (isEvaluation ? monitor.onEvalEpochBegin : monitor.onTrainEpochBegin)(context)
        for _ in 0..<(json["steps"].int ?? 0) {
            clock.advance(by: json["fetch_seconds"].double ?? 0)
            try (isEvaluation ? monitor.onEvalStepBegin : monitor.onTrainStepBegin)(context)
            clock.advance(by: json["step_seconds"].double ?? 0)
            try (isEvaluation ? monitor.onEvalStepEnd : monitor.onTrainStepEnd)(context)
        }
        do {
            try (isEvaluation ? monitor.onEvalEpochEnd : monitor.onTrainEpochEnd)(context)
            #expect(json["raised"] == .null, "\(name)")
        } catch let error as MonitorError {
            #expect(json["raised"] != .null && error == .unknownStepCount, "\(name)")
        }
        #expect(lines.text == json["stdout"].string, "\(name)")
        return true
    }

    func replayHistory() throws -> Bool {
        let history = History()
        let data = try smallLoader(steps: 3)
        let epochs = json["epochs"].int ?? 2
        switch json["real_model"].string {
        case "train": try smallModel().train(epochs, data, callbacks: history)
        case "fit": try smallModel().fit(epochs, data, data, callbacks: [history])
        case "eval": _ = try smallModel().eval(data, callbacks: [history])
        default:
            let model = smallModel()
            try model.train(2, data, callbacks: history)
            try model.train(1, data, callbacks: history)
        }
        #expect(history.epoch == json["epoch"]["epoch"].array.compactMap(\.int), "\(name)")
        #expect(
            history.history.mapValues(\.count) == json["history_lengths"].object.compactMapValues(\.int), "\(name)")
        return true
    }

    func replayLambdaCallback() throws -> Bool {
        guard let run = name.split(separator: "/").last?.split(separator: " ").first else { return false }
        #expect(try calledLambdas(in: String(run)) == json["called"].array.compactMap(\.string), "\(name)")
        return true
    }

    /// The closures of a LambdaCallback that one epoch of one step calls.
    fileprivate func calledLambdas(in run: String) throws -> [String] {
        var called: [String] = []
        func note(_ hook: Hook) -> LambdaCallback.Action { { _ in called.append(hook.rawValue) } }
        let callback = LambdaCallback(
            onTrainBegin: note(.trainBegin), onTrainEpochBegin: note(.trainEpochBegin),
            onTrainStepBegin: note(.trainStepBegin), onTrainStepEnd: note(.trainStepEnd),
            onTrainEpochEnd: note(.trainEpochEnd), onTrainEnd: note(.trainEnd), onEvalBegin: note(.evalBegin),
            onEvalEpochBegin: note(.evalEpochBegin), onEvalStepBegin: note(.evalStepBegin),
            onEvalStepEnd: note(.evalStepEnd), onEvalEpochEnd: note(.evalEpochEnd), onEvalEnd: note(.evalEnd))
        let data = try smallLoader(steps: 1)
        switch run {
        case "train": try smallModel().train(1, data, callbacks: callback)
        case "fit": try smallModel().fit(1, data, data, callbacks: [callback])
        default: _ = try smallModel().eval(data, callbacks: [callback])
        }
        return called
    }

    func replayLearningRateScheduler() throws -> Bool {
        let model = smallModel(learningRate: 0.8)
        var passed: [[Float]] = []
        let scheduler = LearningRateScheduler { rate, step in
            passed.append([rate, Float(step)])
            return step % 2 == 0 ? rate / 2 : rate
        }
        try model.train(1, smallLoader(steps: 4), callbacks: scheduler)
        let recorded = json["trace"].array
        #expect(passed == recorded.dropLast().map { $0.array.compactMap(\.double).map { Float($0) } }, "\(name)")
        let rate = model.optimizer?.learningRate.tensor.elements(of: Float.self)
        #expect(rate?.map { Double($0) } == recorded.last?.double.map { [$0] }, "\(name)")
        return true
    }
}

/// The cases of the other monitors in which Lockstep does something else on purpose.
let otherMonitorDifferences: [String: DeliberateDifference] = [
    "LambdaCallback/fit 1 epoch x 1 step, valid 1 step": DeliberateDifference(
        "The closures for evaluation are called in the validation inside fit."
    ) {
        let monitorCase = MonitorCase.named("LambdaCallback/fit 1 epoch x 1 step, valid 1 step")
        var expected = monitorCase.json["called"].array.compactMap(\.string)
        // The validation comes after the last step of the epoch and before the end of the epoch.
        expected.insert(contentsOf: Hook.allCases.map(\.rawValue).filter { $0.hasPrefix("on_eval") }, at: 4)
        let called = try monitorCase.calledLambdas(in: "fit")
        #expect(called == expected)
    }
]
