import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import CollectivesTestKit
import Files
import Graphs
import Networks
import Runs
import SurroundingsTestKit
import SystemPackage
import Tensors
import Testing
import Training

/// `ModelCheckpoint` on several ranks.
struct ModelCheckpointRankTests {
    private let run = SavingRun()

    @Test func rankZeroAloneSavesWholeTensors() throws {
        let run = run
        let files = try ThreadWorld.run(ranks: 4) { world in
            let checkpoint = try run.checkpoint(CheckpointConfig(saveCheckpointSteps: 4, keepCheckpointMax: 2))
            try run.train([checkpoint], world: world)
            return checkpoint.latestCkptFileName
        }
        #expect(Set(files) == ["/disk/output/rank_0/CKP-3_4.ckpt"])
        #expect(run.names("rank_0") == ["CKP-2_4.ckpt", "CKP-3_4.ckpt"])
        for rank in 1...3 { #expect(run.names("rank_\(rank)") == []) }
        #expect(try run.sets() == ["CKP-2_4", "CKP-3_4"])
    }

    @Test func everyRankSavesAllWithoutIntegration() throws {
        let run = run
        let files = try ThreadWorld.run(ranks: 4) { world in
            let checkpoint = try run.checkpoint(CheckpointConfig(saveCheckpointSteps: 12, integratedSave: false))
            try run.train([checkpoint], world: world)
            return checkpoint.latestCkptFileName
        }
        #expect(files == (0..<4).map { "/disk/output/rank_\($0)/CKP-3_4.ckpt" })
    }

    @Test func withoutRedundancyEachTensorIsSavedOnce() throws {
        let run = run
        _ = try ThreadWorld.run(ranks: 4) { world in
            let config = try CheckpointConfig(
                saveCheckpointSteps: 12, appendInfo: ["epoch_num"], removeRedundancy: true)
            try run.train([run.checkpoint(config)], world: world)
        }
        // MindSpore's rule: in the order of the names, the i-th is saved by rank i mod 4.
        let expected = [
            ["dense.bias", "momentum"], ["dense.weight", "moments.dense.bias"],
            ["global_step", "moments.dense.weight"],
            ["learning_rate"],
        ]
        for rank in 0..<4 {
            let path = output.appending("rank_\(rank)/CKP-3_4.ckpt")
            let names = try CheckpointFormats.open(run.disk.open(path)).entries.map(\.name)
            let sorted = names.filter { $0 != "epoch_num" }.sorted()
            #expect(names.contains("epoch_num"))
            #expect(Set(sorted).isSubset(of: Set(expected.joined())))
            #expect(sorted.count <= 2)
        }
        let all = try (0..<4).flatMap { rank in
            try CheckpointFormats.open(run.disk.open(output.appending("rank_\(rank)/CKP-3_4.ckpt"))).entries.map(\.name)
        }
        #expect(all.count == 7 + 4)
    }

    @Test func oneClockDecidesForAllRanks() throws {
        let run = run
        _ = try ThreadWorld.run(ranks: 4) { world in
            let surroundings = VirtualSurroundings()
            let config = try CheckpointConfig(saveCheckpointSteps: 0, saveCheckpointSeconds: 5)
            let checkpoint = try run.checkpoint(config)
            // The clocks run at different speeds.
            let ticking = Actor(.trainStepBegin) { _ in surroundings.sleep(for: .seconds(2 + world.rank)) }
            try run.train([ticking, checkpoint], world: world, surroundings: surroundings)
        }
        #expect(try run.sets() == ["CKP-1_3", "CKP-2_2", "CKP-3_1", "CKP-3_4"])
    }

    @Test(arguments: [1, 4])
    func anErrorOnOneRankLeavesABreakpointOfAll(ranks: Int) throws {
        let run = run
        let outcomes = ThreadWorld.runCollecting(ranks: ranks) { world in
            let config = try CheckpointConfig(
                saveCheckpointSteps: 100, appendInfo: ["step_num"], exceptionSave: true)
            let failing = world.rank == ranks - 1 ? [Actor.raising(.trainStepEnd, step: 6)] : []
            try run.train(failing + [run.checkpoint(config)], world: world)
        }
        for outcome in outcomes { #expect(throws: (any Error).self) { try outcome.get() } }
        #expect(try run.sets() == ["CKP-2_2_breakpoint"])
        let path = ranks == 1 ? "CKP-2_2_breakpoint.ckpt" : "rank_0/CKP-2_2_breakpoint.ckpt"
        let reader = try CheckpointFormats.open(run.disk.open(output.appending(path)))
        // The step of the run, unlike in MindSpore, where it is that of the epoch.
        #expect(try reader.integer("step_num") == 6)
    }

    @Test func anErrorOnOneRankBeforeTheFirstStepHangsNobody() throws {
        let run = run
        for hook in [Hook.trainBegin, .trainEpochBegin] {
            for isFirst in [true, false] {
                let outcomes = ThreadWorld.runCollecting(ranks: 4) { world in
                    let checkpoint = try run.checkpoint(CheckpointConfig(exceptionSave: true))
                    let failing = world.rank == 2 ? [Actor.raising(hook)] : []
                    try run.train(isFirst ? failing + [checkpoint] : [checkpoint] + failing, world: world)
                }
                for outcome in outcomes {
                    #expect(throws: RankFailure(rank: 2, reason: "boom")) { try outcome.get() }
                }
            }
        }
    }

    @Test(arguments: [1, 4], [false, true])
    func aRunThatIsStoppedAndCarriedOnSavesLikeOneThatIsNot(ranks: Int, isAsynchronous: Bool) throws {
        let (whole, parted) = (SavingRun(), SavingRun())
        @Sendable func train(_ run: SavingRun, stoppingAt step: Int?, in world: any Communicator) throws -> [[Float]] {
            let config = try CheckpointConfig(
                saveCheckpointSteps: 3, keepCheckpointMax: 2, asyncSave: isAsynchronous)
            let exit = try OnRequestExit(
                saveMindIR: false, directory: output.string, signals: [], files: run.disk)
            let stopping = Actor(.trainStepEnd) { context in
                if context.originalArgs().curStepNum == step, world.rank == 0 { context.requestStop() }
            }
            let model = try run.train([stopping, exit, run.checkpoint(config)], world: world)
            return model.network.parameters.map { $0.tensor.elements(of: Float.self) }
        }
        let expected = try ThreadWorld.run(ranks: ranks) { try train(whole, stoppingAt: nil, in: $0) }
        _ = try ThreadWorld.run(ranks: ranks) { try train(parted, stoppingAt: 5, in: $0) }
        #expect(try parted.sets() == ["CKP-1_3", "CKP-2_1"])
        let found = try ThreadWorld.run(ranks: ranks) { try train(parted, stoppingAt: nil, in: $0) }
        #expect(found == expected)
        #expect(try parted.sets() == whole.sets())
    }

    /// A set that nobody proves makes no room, and its files stay: its manifest may name anybody's.
    @Test(arguments: [true, false]) func withAKeyRetentionLeavesPlantedSets(hasKey: Bool) throws {
        let key = hasKey ? try EncryptionKey([UInt8](repeating: 1, count: 32).span) : nil
        let config = try CheckpointConfig(saveCheckpointSteps: 4, keepCheckpointMax: 1, encKey: key)
        let planting = Actor(.trainStepEnd) { context in
            // With the first save, the run has taken its prefix.
            guard context.originalArgs().curStepNum == 6 else { return }
            let progress = TrainingProgress(
                epoch: 1, stepInEpoch: 1, stepsPerEpoch: 4, step: 1, globalBatch: 4, sampleCount: 4, seed: 1,
                finished: false)
            let set = CheckpointSet(
                name: "CKP-1_1", progress: progress, cause: SaveCause("a test"), mesh: [], model: "M")
            let file = CheckpointFile("notes/mine.ckpt") { try $0.write([7 as UInt8].span) }
            let directory = CheckpointDirectory(output, fileSystem: self.run.disk)
            _ = try CheckpointPublisher(directory, world: SoloCommunicator()).publish(set, files: [file])
        }
        try run.train([planting, run.checkpoint(config)])
        #expect(try run.sets() == (hasKey ? ["CKP-1_1", "CKP-3_4"] : ["CKP-3_4"]))
        #expect(run.names("notes") == (hasKey ? ["mine.ckpt"] : []))
    }

    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func everyKindOfSetCarriesOnOnOtherRanks(removesRedundancy: Bool, isIntegrated: Bool) throws {
        let run = run
        @Sendable func train(stoppingAt step: Int?, in world: any Communicator) throws -> [Float] {
            let config = try CheckpointConfig(
                saveCheckpointSteps: 5, integratedSave: isIntegrated,
                encKey: EncryptionKey([UInt8](repeating: 1, count: 32).span),
                removeRedundancy: removesRedundancy)
            let exit = try OnRequestExit(
                saveMindIR: false, directory: output.string, signals: [],
                form: CheckpointForm(
                    encryption: Encryption(key: EncryptionKey([UInt8](repeating: 1, count: 32).span))), files: run.disk)
            let stopping = Actor(.trainStepEnd) { context in
                if context.originalArgs().curStepNum == step { context.requestStop() }
            }
            try run.train([stopping, exit, run.checkpoint(config)], world: world)
            return exit.resumed.map { [Float($0.position.step)] } ?? []
        }
        _ = try ThreadWorld.run(ranks: 4) { try train(stoppingAt: 5, in: $0) }
        #expect(try ThreadWorld.run(ranks: 2) { try train(stoppingAt: 7, in: $0) } == [[5], [5]])
        #expect(try ThreadWorld.run(ranks: 1) { try train(stoppingAt: nil, in: $0) } == [[7]])
    }
}
