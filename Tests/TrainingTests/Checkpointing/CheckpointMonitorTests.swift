import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Execution
import Files
import Foundation
import Graphs
import Models
import Networks
import SystemPackage
import Tensors
import Testing

@testable import Runs
@testable import Training

/// What a CheckpointMonitor saves beside the state.
struct CheckpointMonitorTests {
    /// Trains a GPT for two steps on two ranks that share its layers.
    private func train(integrated: Bool, on disk: MemoryFileSystem) throws {
        _ = try ThreadWorld.run(ranks: 2) { world in
            let gpt = SmallGPT(steps: 2)
            let (network, placement) = try gpt.network(dp: 1, tp: 2, rank: world.rank)
            let model = Model(
                network, lossFn: GPTLoss(placement: placement),
                optimizer: gpt.optimizer(of: network, placement: placement), world: world, backend: CPUBackend(),
                seed: 5, settings: TrainingSettings(placement: placement))
            let monitor = try CheckpointMonitor(
                directory: output.string, saveCheckpointSteps: 2, integratedSave: integrated, saveNetworkParams: true,
                files: disk)
            try model.train(1, gpt.data(), callbacks: monitor)
        }
    }

    private func shape(of name: String, in path: String, on disk: MemoryFileSystem) throws -> [Int]? {
        let reader = try CkptReader(file: disk.open(output.appending(path)))
        #expect(reader.entries.allSatisfy { !$0.name.hasPrefix("exp_avg") }, "the network alone")
        return reader.entry(named: name)?.tensorType?.shape.dimensions
    }

    /// As in MindFormers, whatever is asked for.
    @Test(arguments: [true, false]) func onAMeshTheNetworkIsSavedInSlices(integrated: Bool) throws {
        let disk = MemoryFileSystem()
        try train(integrated: integrated, on: disk)
        for rank in 0..<2 {
            let path = "checkpoint_network/rank_\(rank)/CKP_rank_\(rank)-network-1_2.ckpt"
            #expect(try shape(of: "tokens.embedding_table", in: path, on: disk) == [16, 16])
        }
        // One strategy is for both.
        #expect(try disk.names(in: output.appending("strategy")) == ["CKP-1_2.ckpt"])
    }

    /// MindFormers' loader looks for the last file in the folder of each rank.
    @Test func everyRankHasAFileAndSaysWhichIsTheLast() throws {
        let disk = MemoryFileSystem()
        _ = try ThreadWorld.run(ranks: 4) { world in
            let monitor = try CheckpointMonitor(directory: output.string, saveCheckpointSteps: 6, files: disk)
            try SavingRun(disk: disk).train([monitor], world: world)
        }
        for rank in 0..<4 {
            let folder = output.appending("checkpoint/rank_\(rank)")
            let names = ["2_2", "3_4"].map { "CKP_rank_\(rank)-\($0).ckpt" } + ["meta.json"]
            #expect(try disk.names(in: folder).filter { !$0.hasPrefix(".") } == names)
            let meta = try disk.contents(of: folder.appending("meta.json"), limit: 1000)
            #expect(String(decoding: meta, as: UTF8.self).contains("CKP_rank_\(rank)-3_4.ckpt"))
        }
    }

    /// As in MindFormers, unless LOCAL_DEFAULT_PATH says otherwise.
    @Test func withoutADirectoryItSavesInOutput() throws {
        guard case .fixed(let directory) = try CheckpointMonitor().directory else { fatalError("it is a fixed text") }
        #expect(directory == "./output")
    }

    @Test func filesOfSomebodyElseAreLeftAlone() throws {
        for (foreign, suffix) in [
            ("checkpoint/rank_1/CKP_rank_1-3_4.ckpt", "_1"), ("checkpoint/rank_0/CKP_rank_0_6-1_1.ckpt", "_7"),
            ("checkpoint_network/rank_0/CKP_rank_0-network-3_4.ckpt", "_1"),
            ("checkpoint_trainable/rank_0/CKP_rank_0_2-trainable_params-3_4.ckpt", "_3"),
            ("checkpoint/rank_0/CKP_rank_0b-3_4.ckpt", ""), ("checkpoint/rank_0/CKP_1-3_4.ckpt", "_2"),
        ] {
            let disk = MemoryFileSystem()
            let path = output.appending(foreign)
            try disk.createDirectory(path.removingLastComponent())
            try disk.replaceContents(of: path, with: [1, 2, 3])
            _ = try ThreadWorld.run(ranks: 2) { world in
                let monitor = try CheckpointMonitor(
                    directory: output.string, saveCheckpointSteps: 12, saveNetworkParams: true, files: disk)
                try SavingRun(disk: disk).train([monitor], world: world)
            }
            #expect(try disk.contents(of: path, limit: 10) == [1, 2, 3])
            let own = output.appending("checkpoint/rank_0/CKP_rank_0\(suffix)-3_4.ckpt")
            #expect(try disk.status(of: own) != nil, "beside \(foreign)")
        }
    }

    /// What comes later with a higher number does not make a run that carries on take it.
    @Test func aRunThatCarriesOnKeepsItsPrefixBesideFilesOfSomebodyElse() throws {
        let disk = MemoryFileSystem()
        let foreign = output.appending("checkpoint/rank_0/CKP_rank_0_3-3_4.ckpt")
        for epochs in [2, 3] {
            let run = SavingRun(epochs: epochs, disk: disk)
            let exit = try OnRequestExit(saveMindIR: false, directory: output.string, signals: [], files: disk)
            let monitor = try CheckpointMonitor(directory: output.string, saveCheckpointSteps: 4, files: disk)
            try run.train([exit, monitor])
            try disk.replaceContents(of: foreign, with: [1, 2, 3])
        }
        #expect(try disk.contents(of: foreign, limit: 10) == [1, 2, 3])
        let names = try disk.names(in: foreign.removingLastComponent()).filter { $0.hasSuffix(".ckpt") }
        #expect(
            Set(names) == [
                "CKP_rank_0-1_4.ckpt", "CKP_rank_0-2_4.ckpt", "CKP_rank_0-3_4.ckpt", "CKP_rank_0_3-3_4.ckpt",
            ])
    }

    @Test func metaIsJSONWhateverThePrefix() throws {
        let disk = MemoryFileSystem()
        let prefix = "a\"b\\模\u{1F600}"
        let monitor = try CheckpointMonitor(prefix: prefix, directory: output.string, files: disk)
        try SavingRun(disk: disk).train([monitor])
        let bytes = try disk.contents(of: output.appending("checkpoint/rank_0/meta.json"), limit: 1000)
        let meta = try JSONDecoder().decode([String: MetaValue].self, from: Data(bytes))
        #expect(meta["last_ckpt_file"]?.text == "\(prefix)_rank_0-3_4.ckpt")
    }

    private struct MetaValue: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }

    /// In any of them MindFormers' loader would take the number for that of a rank.
    @Test(arguments: ["rank_1", "a_rank_0", "a_rank_12_b"])
    func aPrefixThatNamesARankIsRefused(prefix: String) throws {
        #expect(throws: ModelCheckpointError.prefixNamesRank(prefix)) { _ = try CheckpointMonitor(prefix: prefix) }
        _ = try CheckpointMonitor(prefix: "frank_b")
    }

    @Test func aBatchOf0IsSavedAndANegativeOneRefused() throws {
        let disk = MemoryFileSystem()
        try SavingRun(disk: disk).train([CheckpointMonitor(directory: output.string, globalBatchSize: 0, files: disk)])
        let reader = try CkptReader(file: disk.open(output.appending("checkpoint/rank_0/CKP_rank_0-3_4.ckpt")))
        #expect(try reader.integer("global_batch_size") == 0)
        #expect(throws: ModelCheckpointError.badGlobalBatchSize(-1)) { _ = try CheckpointMonitor(globalBatchSize: -1) }
    }

    /// The state is that of the network that was named, the file beside it that of the one that is trained.
    @Test(arguments: [true, false]) func besideAnotherNetworkTheTrainedOneIsSaved(async: Bool) throws {
        let disk = MemoryFileSystem()
        let (named, trained) = (SmallNetwork(), SavingRun(disk: disk))
        let monitor = try CheckpointMonitor(
            directory: output.string, saveNetworkParams: true, asyncSave: async, savedNetwork: named, files: disk)
        let model = try trained.train([monitor])
        for (path, network) in [
            ("checkpoint/rank_0/CKP_rank_0-3_4.ckpt", named as any Cell),
            ("checkpoint_network/rank_0/CKP_rank_0-network-3_4.ckpt", model.network),
        ] {
            let reader = try CkptReader(file: disk.open(output.appending(path)))
            for parameter in network.parameters {
                let saved = try reader.tensor(parameter.name).elements(of: Float.self)
                #expect(saved == parameter.tensor.elements(of: Float.self) && saved.contains { $0 != 0 })
            }
        }
    }

    @Test(arguments: [true, false]) func onlyWithTheOptimizerARunCarriesOn(saveOptimizer: Bool) throws {
        let disk = MemoryFileSystem()
        let run = SavingRun(disk: disk)
        let monitor = try CheckpointMonitor(
            directory: output.string, saveCheckpointSteps: 4, saveOptimizer: saveOptimizer, files: disk)
        let model = try run.train([monitor])
        let path = output.appending("checkpoint/rank_0/CKP_rank_0-3_4.ckpt")
        let reader = try CkptReader(file: disk.open(path))
        #expect(model.network.parameters.allSatisfy { reader.entry(named: $0.name) != nil })
        #expect(reader.entries.contains { $0.name.hasPrefix("moments.") } == saveOptimizer)
        let exit = try OnRequestExit(saveMindIR: false, directory: output.string, signals: [], files: disk)
        try run.train([exit, monitor])
        #expect((exit.resumed != nil) == saveOptimizer)
    }

    private struct Record: Decodable {
        let health: Int
        let name: String

        private enum CodingKeys: String, CodingKey {
            case health = "is_health"
            case name = "ckpt_name"
        }
    }

    /// MindFormers' record, which any rank can turn to the worse.
    @Test(arguments: [1, 2]) func healthIsRecorded(ranks: Int) throws {
        let disk = MemoryFileSystem()
        _ = try ThreadWorld.run(ranks: ranks) { world in
            let rank = world.rank
            let health = CheckpointHealth(threshold: 1, directory: output.string) { run in
                // The last rank finds step 8 unhealthy, and step 12 not even a number.
                guard rank == ranks - 1 else { return 0.5 }
                return run.curStepNum == 8 ? 1 : run.curStepNum == 12 ? .nan : 0.5
            }
            let monitor = try CheckpointMonitor(
                directory: output.string, saveCheckpointSteps: 4, health: health, files: disk)
            try SavingRun(disk: disk).train([monitor], world: world)
        }
        let bytes = try disk.contents(of: output.appending("health_ckpts.json"), limit: 1 << 20)
        let records = try JSONDecoder().decode([Record].self, from: Data(bytes))
        #expect(records.map(\.health) == [0, 1, 1])
        #expect(records.map(\.name) == (1...3).map { "CKP_rank_0-\($0)_4.ckpt" })
    }
}
