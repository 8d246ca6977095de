import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Runs
import SystemPackage
import Testing
import Training

/// What MindFormers' `CheckpointMonitor` did, `checkpoint_monitor.json`, replayed.
struct CheckpointMonitorTraceTests {
    @Test func everyRecordedRunIsReplayed() async throws {
        try await replayAll(
            "checkpoint_monitor.json", TraceFile("checkpoint_monitor.json").cases(),
            deliberateDifferences: checkpointMonitorDifferences, notExpressible: checkpointMonitorNotExpressible
        ) { try CheckpointMonitorCase(json: $0.json, name: $0.name).replay() }
    }
}

/// A case of `checkpoint_monitor.json`.
private struct CheckpointMonitorCase {
    let json: JSON
    let name: String
    private let disk = MemoryFileSystem()

    init(json: JSON, name: String) {
        self.json = json
        self.name = name
    }

    private var rank: Int { json["rank"].int ?? 0 }
    private var folders: [String] { ["checkpoint", "checkpoint_network", "checkpoint_trainable"] }

    /// Runs the case, where it is of a rank other than 0 on as many ranks, and compares the rank's files.
    func replay() throws -> Bool {
        let (json, disk) = (json, disk)
        let ranks = rank + 1
        _ = try ThreadWorld.run(ranks: ranks) { world in
            let monitor = try makeMonitor(json["ctor"], on: disk, integrated: ranks == 1)
            let run = SavingRun(epochs: json["epochs"].int ?? 0, steps: json["steps_per_epoch"].int ?? 0, disk: disk)
            try run.train([monitor], world: world)
        }
        #expect(files() == json["final"].array.compactMap(\.string).map(atOutput).sorted(), "\(name)")
        try expectMeta()
        try expectContents()
        return true
    }

    private func atOutput(_ path: String) -> String {
        let parts = path.split(separator: "/").drop { $0 == "out" || $0 == "output" }
        return parts.joined(separator: "/")
    }

    /// The files of the rank, below the directory.
    private func files() -> [String] {
        folders.flatMap { folder in
            let path = "\(folder)/rank_\(rank)"
            let names = (try? disk.names(in: output.appending(path))) ?? []
            return names.filter { !$0.hasPrefix(".") }.map { "\(path)/\($0)" }
        }.sorted()
    }

    private func expectMeta() throws {
        let meta = json["meta.json"]
        let path = output.appending("checkpoint/rank_\(rank)/meta.json")
        let text = String(decoding: try disk.contents(of: path, limit: 1000), as: UTF8.self)
        let expected =
            "{\"last_epoch\": \(meta["last_epoch"].int ?? 0), \"last_step\": \(meta["last_step"].int ?? 0), "
            + "\"last_ckpt_file\": \"\(meta["last_ckpt_file"].string ?? "")\"}"
        #expect(text == expected, "\(name)")
        #expect(disk.permissions(of: path) == 0o640)
    }

    private func expectContents() throws {
        for (path, recorded) in json["contents"].object {
            // Some recorded files were removed later.
            guard files().contains(atOutput(path)) else { continue }
            let reader = try CheckpointFormats.open(disk.open(output.appending(atOutput(path))))
            #expect(reader.entries.map(\.name) == recorded["entries"].array.compactMap(\.string), "\(path) of \(name)")
            for (entry, value) in recorded["append"].object {
                let number = value.array.last.flatMap { $0.int ?? $0.array.first?.int }
                #expect(try reader.integer(entry) == number, "\(entry) in \(path) of \(name)")
            }
        }
    }
}

/// A monitor with the arguments of a case.
private func makeMonitor(_ ctor: JSON, on disk: MemoryFileSystem, integrated: Bool = true) throws -> CheckpointMonitor {
    let arguments = ConfigCase(target: "", json: .object(["kwargs": ctor]))
    return try CheckpointMonitor(
        prefix: arguments.text("prefix", absent: "CKP"), directory: output.string,
        saveCheckpointSteps: arguments.int("save_checkpoint_steps", absent: 1),
        keepCheckpointMax: arguments.int("keep_checkpoint_max", absent: 5), integratedSave: integrated,
        saveNetworkParams: arguments.flag("save_network_params"),
        saveTrainableParams: arguments.flag("save_trainable_params"),
        appendInfo: ctor["append_info"] == .null
            ? nil : ctor["append_info"].array.compactMap { $0.string.map { AppendInfo(stringLiteral: $0) } },
        exceptionSave: arguments.flag("exception_save"),
        globalBatchSize: arguments.int("global_batch_size", absent: nil),
        checkpointFormat: CheckpointFileFormat(rawValue: arguments.text("checkpoint_format", absent: "ckpt")) ?? .ckpt,
        files: disk)
}

/// Runs a monitor for 3 epochs of 4 steps and returns the disk.
private func run(_ others: [Callback] = [], appendInfo: [AppendInfo]? = nil, exceptionSave: Bool = false) throws
    -> MemoryFileSystem
{
    let run = SavingRun()
    let monitor = try CheckpointMonitor(
        directory: output.string, saveCheckpointSteps: 12, appendInfo: appendInfo, exceptionSave: exceptionSave,
        files: run.disk)
    _ = try? run.train([monitor] + others)
    return run.disk
}

private func names(_ disk: MemoryFileSystem) throws -> [String] {
    try disk.names(in: output.appending("checkpoint/rank_0")).filter { !$0.hasPrefix(".") }
}

private func reader(_ disk: MemoryFileSystem, _ name: String) throws -> any CheckpointReader {
    try CheckpointFormats.open(disk.open(output.appending("checkpoint/rank_0/\(name)")))
}

let checkpointMonitorDifferences: [String: DeliberateDifference] = [
    "append_info dict with epoch_num=2 step_num=8: step offset added, epoch not": DeliberateDifference(
        "Both offsets are added, as ModelCheckpoint does."
    ) {
        let reader = try reader(run(appendInfo: [["epoch_num": 2, "step_num": 8]]), "CKP_rank_0-3_4.ckpt")
        #expect(try reader.integer("epoch_num") == 5 && reader.integer("step_num") == 20)
    },
    "append_info without epoch_num -> KeyError in the logging": DeliberateDifference("No counter is needed.") {
        let reader = try reader(run(appendInfo: ["step_num"]), "CKP_rank_0-3_4.ckpt")
        #expect(try reader.integer("step_num") == 12)
    },
    "config argument is ignored": DeliberateDifference(
        "A monitor takes a configuration or single arguments, and does what they say."
    ) {
        let run = SavingRun()
        let config = try CheckpointConfig(saveCheckpointSteps: 6)
        try run.train([CheckpointMonitor(directory: output.string, config: config, files: run.disk)])
        #expect(try names(run.disk) == ["CKP_rank_0-2_2.ckpt", "CKP_rank_0-3_4.ckpt", "meta.json"])
    },
    "prefix with /": DeliberateDifference("It is refused, as in MindFormers, without the rank in the message.") {
        #expect(throws: ModelCheckpointError.badPrefix("a/b")) { _ = try CheckpointMonitor(prefix: "a/b") }
    },
    "exception_save, network raises in step 5": DeliberateDifference("A breakpoint holds the step of the run.") {
        let disk = try run([Actor.raising(.trainStepEnd, step: 5)], exceptionSave: true)
        #expect(try names(disk) == ["CKP_rank_0-2_1_breakpoint.ckpt"])
        #expect(try reader(disk, "CKP_rank_0-2_1_breakpoint.ckpt").integer("step_num") == 5)
    },
    "Model.fit: called during validation (user class name)": DeliberateDifference("It saves nothing in validations.") {
        let disk = MemoryFileSystem()
        let monitor = try CheckpointMonitor(directory: output.string, saveCheckpointSteps: 2, files: disk)
        try smallModel().fit(2, smallLoader(steps: 3), smallLoader(steps: 3), callbacks: [monitor])
        #expect(try names(disk) == ["1_2", "2_1", "2_3"].map { "CKP_rank_0-\($0).ckpt" } + ["meta.json"])
    },
]

let checkpointMonitorNotExpressible: [String: String] = [
    "config of the wrong type is accepted": "Swift's types exclude the value.",
    "directory not str": "Swift's types exclude the value.",
]
