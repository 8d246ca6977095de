import Checkpoints
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Graphs
import MindSporeTestKit
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// `CheckpointMonitor` beside MindFormers' own, which `Tests/MindSpore/monitor.py` runs with the same arguments.
@Suite(.enabled(if: hasMindSpore))
struct MindFormersTests {
    private let work = FilePath(NSTemporaryDirectory()).appending("mindformers-\(UUID().uuidString)")

    private static let three = MonitorRun(saveNetworkParams: true)

    private static let scenarios = [
        MonitorScenario(name: "three runs in a directory", runs: [three, three, three]),
        MonitorScenario(name: "on two ranks", ranks: 2, runs: [three, three]),
        MonitorScenario(
            name: "files of somebody else", runs: [MonitorRun(stepsPerEpoch: 22)],
            foreign: ["checkpoint/rank_0/CKP_rank_0-1_22.ckpt"]),
        MonitorScenario(name: "trainable parameters", runs: [MonitorRun(saveTrainableParams: true)]),
        MonitorScenario(
            name: "another network", runs: [MonitorRun(saveNetworkParams: true, savedNetwork: .other)], resumes: false),
        MonitorScenario(
            name: "a part of the network", runs: [MonitorRun(saveNetworkParams: true, savedNetwork: .part)],
            resumes: false),
        MonitorScenario(name: "a batch of 0", runs: [MonitorRun(globalBatchSize: 0)]),
        MonitorScenario(name: "a batch of 32", runs: [MonitorRun(globalBatchSize: 32)]),
        MonitorScenario(name: "counters", runs: [MonitorRun(append: .counters)]),
        MonitorScenario(name: "what MindFormers' users append", runs: [MonitorRun(append: .usual)]),
        MonitorScenario(name: "values", runs: [MonitorRun(append: .values)]),
        MonitorScenario(name: "in the background", runs: [MonitorRun(saveNetworkParams: true, asyncSave: true)]),
        MonitorScenario(
            name: "every so many seconds",
            runs: [
                MonitorRun(saveCheckpointSteps: 0, saveCheckpointSeconds: 5, keepCheckpointMax: 9, secondsPerStep: 2)
            ]),
        MonitorScenario(
            name: "one in a minute",
            runs: [
                MonitorRun(
                    saveCheckpointSteps: 1, keepCheckpointMax: 0, keepCheckpointPerNMinutes: 1, secondsPerStep: 20)
            ]),
        // Its own functions do not carry on from its own folder then: they cannot read the name of the breakpoint.
        MonitorScenario(
            name: "an exception", runs: [MonitorRun(exceptionSave: true, raisesAfterStep: 5)], resumes: false,
            differences: [
                "checkpoint/rank_0/CKP_rank_0-2_1_breakpoint.ckpt: step_num is Int64[] 5, theirs Int64[] 1"
            ]),
        MonitorScenario(
            name: "safetensors", runs: [MonitorRun(saveNetworkParams: true, checkpointFormat: "safetensors")],
            format: "safetensors"),
        MonitorScenario(name: "names to escape", runs: [MonitorRun(prefix: "a\"b\\模型")]),
        MonitorScenario(name: "without redundancy", ranks: 2, isCompared: false, removeRedundancy: true),
        MonitorScenario(name: "one after the other", isCompared: false, continues: true),
    ]

    private func folder(_ kind: String, _ scenario: String) -> FilePath { work.appending("\(kind)/\(scenario)") }

    private func names(_ folder: FilePath) throws -> [String] {
        try LocalFileSystem().names(in: folder).filter { $0.hasSuffix(".ckpt") }.sorted()
    }

    /// One process of Python judges all, since it takes seconds to start.
    @Test func mindFormersDoesTheSameAndCarriesOnFromWhatIsSaved() throws {
        defer { try? FileManager.default.removeItem(atPath: work.string) }
        try LocalFileSystem().createDirectory(work)
        let slices = MonitorScenario(name: "slices", ranks: 2, isCompared: false)
        for scenario in Self.scenarios { try scenario.run(in: folder("ours", scenario.name)) }
        try saveSlices(in: folder("ours", slices.name))
        let all = Self.scenarios + [slices]
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try encoder.encode(all).write(to: URL(filePath: work.appending("scenarios.json").string))

        let complaint = try MindSporeScript("monitor.py").run([work.string])
        try #require(complaint == nil)
        let judged = try JSONDecoder().decode(
            [String: [String]].self, from: Data(contentsOf: URL(filePath: work.appending("differences.json").string)))
        #expect(Set(judged.keys) == Set(all.map(\.name)))
        for scenario in all { #expect(judged[scenario.name] == scenario.differences, "\(scenario.name)") }

        try expectThatRunsAlternate()
        try expectThatTheirFilesLoad()
        try expectThatTheirFilesStay()
    }

    /// A GPT whose layers two ranks share.
    private func saveSlices(in directory: FilePath) throws {
        _ = try ThreadWorld.run(ranks: 2) { world in
            let gpt = SmallGPT(steps: 2)
            let monitor = try CheckpointMonitor(directory: directory.string, saveCheckpointSteps: 2)
            try gpt.model(dp: 1, tp: 2, on: world).train(1, gpt.data(), callbacks: monitor)
        }
    }

    /// MindFormers' run after ours took the next prefix, and ours after that the one after it.
    private func expectThatRunsAlternate() throws {
        let directory = folder("ours", "one after the other")
        try MonitorRun().train(in: directory, world: SoloCommunicator(), removeRedundancy: false)
        let kept = ["", "_1", "_2"].flatMap { run in ["2_2", "2_4"].map { "CKP_rank_0\(run)-\($0).ckpt" } }
        #expect(try names(directory.appending("checkpoint/rank_0")) == kept)
    }

    /// Our loader takes what MindFormers has saved, with the state of the optimizer.
    private func expectThatTheirFilesLoad() throws {
        let path = folder("theirs", "on two ranks").appending("checkpoint/rank_1/CKP_rank_1_1-2_4.ckpt")
        let loaded = try loadCheckpoint(path)
        let report = try loadParamIntoNet(PartlyFrozen(), loaded)
        #expect(report.notLoaded == [])
        #expect(loaded.entries.map(\.name).contains("moments.dense.weight"))
        for (name, value) in [("epoch_num", 2), ("step_num", 8)] {
            #expect(loaded.tensor(name)?.elements(of: Int64.self) == [Int64(value)])
        }
    }

    /// A run of ours that may carry on begins anew in MindFormers' folder, and touches nothing in it.
    private func expectThatTheirFilesStay() throws {
        let directory = folder("theirs", "values")
        let rank = directory.appending("checkpoint/rank_0")
        let before = try names(rank)
        let exit = try OnRequestExit(saveMindIR: false, directory: directory.string, signals: [])
        let monitor = try CheckpointMonitor(directory: directory.string, saveCheckpointSteps: 4, keepCheckpointMax: 1)
        try smallModel().train(1, smallLoader(steps: 4), callbacks: [exit, monitor])
        #expect(exit.resumed == nil)
        #expect(try names(rank) == before + ["CKP_rank_0_1-1_4.ckpt"])
    }
}
