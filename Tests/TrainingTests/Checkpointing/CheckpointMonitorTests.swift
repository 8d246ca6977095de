import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Graphs
import Networks
import SystemPackage
import Tensors
import Testing
import Training

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

    @Test func onAMeshTheNetworkIsSavedWhole() throws {
        let disk = MemoryFileSystem()
        try train(integrated: true, on: disk)
        let path = "checkpoint_network/rank_0/CKP_rank_0-network-1_2.ckpt"
        #expect(try shape(of: "tokens.embedding_table", in: path, on: disk) == [32, 16])
        #expect(try disk.status(of: output.appending("checkpoint_network/rank_1")) == nil)
    }

    @Test func onAMeshTheNetworkIsSavedInSlices() throws {
        let disk = MemoryFileSystem()
        try train(integrated: false, on: disk)
        for rank in 0..<2 {
            let path = "checkpoint_network/rank_\(rank)/CKP_rank_\(rank)-network-1_2.ckpt"
            #expect(try shape(of: "tokens.embedding_table", in: path, on: disk) == [16, 16])
        }
        // One strategy is for both.
        #expect(try disk.names(in: output.appending("strategy")) == ["CKP-1_2.ckpt"])
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
