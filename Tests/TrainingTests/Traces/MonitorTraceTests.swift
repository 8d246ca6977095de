import Testing

/// What MindSpore's monitors did, `monitors.json`, replayed.
struct MonitorTraceTests {
    @Test func everyRecordedMonitorIsReplayed() async throws {
        try await replayAll(
            "monitors.json", MonitorCase.file.cases(), deliberateDifferences: monitorDifferences,
            notExpressible: monitorNotExpressible
        ) { traceCase in
            let monitorCase = MonitorCase(traceCase)
            switch traceCase.json["callback"].string {
            case "LossMonitor": return try monitorCase.replayLossMonitor()
            case "TimeMonitor": return try monitorCase.replayTimeMonitor()
            case "EarlyStopping": return try monitorCase.replayEarlyStopping()
            case "ReduceLROnPlateau": return try monitorCase.replayReduceLROnPlateau()
            case "History": return try monitorCase.replayHistory()
            case "LambdaCallback": return try monitorCase.replayLambdaCallback()
            case "LearningRateScheduler": return try monitorCase.replayLearningRateScheduler()
            default: return false
            }
        }
    }
}

/// The cases of `monitors.json` in which Lockstep does something else on purpose.
let monitorDifferences = lossMonitorDifferences.merging(valueMonitorDifferences) { first, _ in first }
    .merging(otherMonitorDifferences) { first, _ in first }

/// A case of `monitors.json`.
struct MonitorCase: Sendable {
    static let file = TraceFile("monitors.json")

    let name: String
    let json: JSON

    init(_ traceCase: TraceCase) {
        name = traceCase.name
        json = traceCase.json
    }

    static func named(_ name: String) -> MonitorCase {
        guard let found = file.cases().first(where: { $0.name == name }) else { fatalError("there is no case \(name)") }
        return MonitorCase(found)
    }
}

private let outputsAreTensors = "Swift's types allow only tensors as outputs."
private let noBackup =
    "There is no BackupAndRestore: a published checkpoint continues a run where it stopped, with its epoch and step."

/// The cases that cannot be written down in Swift, with the reason.
let monitorNotExpressible: [String: String] = [
    "LossMonitor/python float 0.25": outputsAreTensors,
    "LossMonitor/python int 3": outputsAreTensors,
    "LossMonitor/float nan": outputsAreTensors,
    "LossMonitor/tuple of floats": outputsAreTensors,
    "TimeMonitor/batch_num missing (hasattr raises KeyError)": "A run always says how many steps an epoch has.",
    "TimeMonitor/no mode": "A run always says whether it trains or evaluates.",
    "LambdaCallback/on_train_begin=5": "Swift's types allow only closures.",
    "BackupAndRestore/normal run: file deleted at the end": noBackup,
    "BackupAndRestore/delete_checkpoint=False": noBackup,
    "BackupAndRestore/save_freq=2": noBackup,
    "BackupAndRestore/save_freq=5 with 3 epochs: no file to delete -> error AFTER the training finished": noBackup,
    "BackupAndRestore/interrupted in epoch 2 (after backup)": noBackup,
    "BackupAndRestore/restart in the same directory: weights restored, but all 3 epochs run again": noBackup,
]
