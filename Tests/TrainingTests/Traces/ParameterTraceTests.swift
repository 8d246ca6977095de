import Graphs
import Networks
import Tensors
import Testing

@testable import Runs
@testable import Training

/// Which parameters callbacks see at which stage, `cb_params.json`.
struct ParameterTraceTests {
    static let file = TraceFile("cb_params.json")

    @Test func everyStageHasTheRecordedParameters() async throws {
        try await replayAll(
            "cb_params.json, stages", Self.file.cases(), deliberateDifferences: [:], notExpressible: [:]
        ) { traceCase in
            let recorder = StageRecorder()
            let data = try smallLoader(steps: 3)
            switch traceCase.name {
            case "train": try smallModel().train(2, data, callbacks: [recorder])
            case "fit": try smallModel().fit(2, data, smallLoader(steps: 2), callbacks: [recorder])
            case "eval": _ = try smallModel().eval(data, callbacks: [recorder])
            default: return false
            }
            let recorded = Stages(of: traceCase.json)
            #expect(recorder.stages.map(\.hook) == recorded.hooks)
            for ((hook, heard), expected) in zip(recorder.stages, recorded.parameters) {
                #expect(heard == expected, "\(traceCase.name), \(hook)")
            }
            return true
        }
    }

    @Test func theRunContextAnswersAsRecorded() async throws {
        try await replayAll(
            "cb_params.json, run context", Self.file.cases("run_context_api", key: "expr"),
            deliberateDifferences: contextDifferences, notExpressible: contextNotExpressible
        ) { traceCase in
            guard let replay = contextReplays[traceCase.name] else { return false }
            #expect(replay(smallContext()) == traceCase.json["result"].string, "\(traceCase.name)")
            return true
        }
    }
}

/// The stages of a recorded case, each with all parameters that are there at its first call.
private struct Stages {
    var hooks: [Hook] = []
    var parameters: [[String: String]] = []

    init(of json: JSON) {
        var current: [String: JSON] = [:]
        for stage in json["first_call_of_each_stage"].array {
            for (key, value) in stage["added"].object { current[key] = value }
            for (key, value) in stage["changed"].object { current[key] = value }
            for key in stage["removed"].array.compactMap(\.string) { current[key] = nil }
            if let hook = stage["stage"].string.flatMap(Hook.init) { hooks.append(hook) }
            parameters.append(current.compactMapValues(Self.text))
        }
    }

    /// A recorded [type, value] in the words of ``StageRecorder``. None is nil, and so not there.
    private static func text(_ typeAndValue: JSON) -> String? {
        guard typeAndValue.array.count == 2 else { return nil }
        let value = typeAndValue.array[1]
        switch value {
        case .null: return nil
        case .bool(let bool): return "\(bool)"
        case .number(let number): return "\(Int(number))"
        // An object, of which only the class is recorded.
        case .string(let string): return string.hasPrefix("<") ? "there" : string
        case .array(let values) where typeAndValue.array[0] == .string("list") && values.first?.string != nil:
            // Without the callbacks that MindSpore puts into the list itself.
            return "\(values.filter { $0.string?.hasPrefix("<_") == false }.count) callback"
        case .array(let values): return values.map(shape).joined(separator: " ")
        case .object(let values):
            guard values["Tensor"] == nil else { return shape(value) }
            return values.keys.sorted().joined(separator: " ")
        }
    }

    private static func shape(_ tensor: JSON) -> String {
        let parts = tensor["Tensor"].array
        return "\(parts[0].array.compactMap(\.int))\(parts[1].string ?? "")"
    }
}

/// Notes all parameters at the first call of each hook.
private final class StageRecorder: Callback {
    var stages: [(hook: Hook, parameters: [String: String])] = []

    private func note(_ hook: Hook, _ context: RunContext) {
        // After the validation an epoch of fit goes on with a stage that is heard for the first time too.
        guard !stages.contains(where: { $0.hook == hook }) else { return }
        stages.append((hook, context.originalArgs().named))
    }

    override func onTrainBegin(_ context: RunContext) { note(.trainBegin, context) }
    override func onTrainEpochBegin(_ context: RunContext) { note(.trainEpochBegin, context) }
    override func onTrainStepBegin(_ context: RunContext) { note(.trainStepBegin, context) }
    override func onTrainStepEnd(_ context: RunContext) { note(.trainStepEnd, context) }
    override func onTrainEpochEnd(_ context: RunContext) { note(.trainEpochEnd, context) }
    override func onTrainEnd(_ context: RunContext) { note(.trainEnd, context) }
    override func onEvalBegin(_ context: RunContext) { note(.evalBegin, context) }
    override func onEvalEpochBegin(_ context: RunContext) { note(.evalEpochBegin, context) }
    override func onEvalStepBegin(_ context: RunContext) { note(.evalStepBegin, context) }
    override func onEvalStepEnd(_ context: RunContext) { note(.evalStepEnd, context) }
    override func onEvalEpochEnd(_ context: RunContext) { note(.evalEpochEnd, context) }
    override func onEvalEnd(_ context: RunContext) { note(.evalEnd, context) }
}

extension CallbackParameters {
    /// What is not nil, under MindSpore's names.
    fileprivate var named: [String: String] {
        var named: [String: String?] = [
            "mode": mode.rawValue,
            "cur_epoch_num": curEpochNum.map { "\($0)" },
            "cur_step_num": "\(curStepNum)",
            "epoch_num": epochNum.map { "\($0)" },
            "batch_num": "\(batchNum)",
            "parallel_mode": parallelMode,
            "device_number": deviceNumber.map { "\($0)" },
            "dataset_sink_mode": "\(datasetSinkMode)",
            "list_callback": "\(listCallback.count) callback",
            "metrics": metrics.map { $0.keys.sorted().joined(separator: " ") },
            "eval_results": evalResults.map { $0.keys.sorted().joined(separator: " ") },
            "train_dataset_element": trainDatasetElement.map(shapes),
            "eval_dataset_element": evalDatasetElement.map(shapes),
            "net_outputs": netOutputs.map(shapes),
            "last_save_ckpt_step": lastSaveCkptStep.map { "\($0)" },
            "latest_ckpt_file": latestCkptFile,
        ]
        let objects: [String: Any?] = [
            "network": network, "train_network": trainNetwork, "eval_network": evalNetwork, "loss_fn": lossFn,
            "optimizer": optimizer, "train_dataset": trainDataset, "valid_dataset": validDataset,
        ]
        for (name, object) in objects where object != nil { named[name] = "there" }
        return named.compactMapValues { $0 }
    }

    private func shapes(of tensors: [Tensor]) -> String {
        tensors.map { "\($0.shape.dimensions)\($0.elementType.mindSporeName)" }.joined(separator: " ")
    }
}
