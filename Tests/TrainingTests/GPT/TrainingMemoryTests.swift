import Collectives
import CollectivesTestKit
import Datasets
import Networks
import Tensors
import Testing

@testable import Runs
@testable import Training

@Suite struct TrainingMemoryTests {
    @Test func eachOfEightRanksKeepsAnEighthOfTheOptimizersState() throws {
        let whole = try memory(of: SmallGPT(), dp: 8, tp: 1)
        let shared = try memory(of: SmallGPT(sharesOptimizer: true), dp: 8, tp: 1)
        // AdamW keeps two numbers for each parameter, and global_step and learning_rate.
        for rank in 0..<8 {
            #expect(whole[rank].optimizer == 2 * whole[rank].parameters + 8)
            #expect(shared[rank].parameters == whole[rank].parameters)
            let ratio = Double(shared[rank].optimizer) / Double(whole[rank].optimizer)
            #expect(abs(ratio * 8 - 1) <= 0.02, "rank \(rank) keeps \(shared[rank].optimizer) bytes")
        }
    }

    @Test func layersAreHalvedBetweenTwoRanks() throws {
        let whole = try memory(of: SmallGPT(), dp: 1, tp: 1)[0]
        for rank in try memory(of: SmallGPT(), dp: 1, tp: 2) {
            // Only norms, positions and the biases of row-parallel layers stay whole.
            #expect(Double(rank.parameters) < 0.6 * Double(whole.parameters))
            #expect(rank.step < whole.step)
        }
    }

    @Test func partsOfAStepNeedLessThanTheWhole() throws {
        let whole = try memory(of: SmallGPT(), dp: 1, tp: 1)[0]
        let parts = try memory(of: SmallGPT(accumulation: 8), dp: 1, tp: 1)[0]
        #expect(parts.step < whole.step)
    }

    @Test func theCopyOfAnAsynchronousSaveIsCounted() throws {
        let memory = try saving(dp: 2, tp: 1, isAsynchronous: true, integrated: false)
        for rank in memory { #expect(rank.saving == rank.parameters + rank.optimizer) }
        // Whole tensors of an integrated set are rank 0's to save.
        let integrated = try saving(dp: 2, tp: 1, isAsynchronous: true, integrated: true)
        #expect(integrated.map(\.saving) == [integrated[0].parameters + integrated[0].optimizer, 0])
        #expect(try saving(dp: 2, tp: 1, isAsynchronous: false, integrated: false).map(\.saving) == [0, 0])
        #expect(memory[0].total == 2 * (memory[0].parameters + memory[0].optimizer) + memory[0].step + memory[0].data)
    }

    @Test func whatGatheringHoldsIsCounted() throws {
        let memory = try saving(dp: 1, tp: 2, isAsynchronous: false, integrated: true)
        // The largest split parameter is that of the second layer of a block: 4 · 16 × 16 numbers of 4 bytes.
        #expect(memory.map(\.saving) == [2 * 4096, 4096])
        #expect(try saving(dp: 1, tp: 2, isAsynchronous: false, integrated: false).map(\.saving) == [0, 0])
    }

    @Test func theDataAndTheirOrderAreCounted() throws {
        let gpt = SmallGPT()
        let loader = try gpt.data()
        #expect(loader.residentByteCount == 1800 + loader.dataset.count * 8)
        let test = try DataLoader(TextDataset([UInt8](repeating: 1, count: 100)[...], length: 8), batchSize: 1)
        let memory = try gpt.model(dp: 1, tp: 1, on: SoloCommunicator()).trainingMemory(for: loader, testing: test)
        #expect(memory.data == loader.residentByteCount + 100)
    }

    /// Of a batch of text and targets, which threads make ready while the one before is trained on.
    @Test func theBatchThatIsMadeReadyIsCounted() throws {
        let gpt = SmallGPT()
        let loader = try gpt.data()
        let model = try gpt.model(dp: 1, tp: 1, on: SoloCommunicator())
        let alone = try model.trainingMemory(for: loader)
        let threads = try model.trainingMemory(for: loader.with(workers: 2))
        let sample = loader.dataset.columns.reduce(0) { $0 + $1.shape.elementCount * 4 }
        #expect(threads.data == alone.data + loader.batchSize * sample && threads.step == alone.step)
    }

    private func saving(dp: Int, tp: Int, isAsynchronous: Bool, integrated: Bool) throws -> [TrainingMemory] {
        try ThreadWorld.run(ranks: dp * tp) { world in
            let config = try CheckpointConfig(integratedSave: integrated, asyncSave: isAsynchronous)
            return try SmallGPT().model(dp: dp, tp: tp, on: world).trainingMemory(
                for: SmallGPT().data(), callbacks: [ModelCheckpoint(config: config)])
        }
    }

    private func memory(of gpt: SmallGPT, dp: Int, tp: Int) throws -> [TrainingMemory] {
        try ThreadWorld.run(ranks: dp * tp) { world in
            try gpt.model(dp: dp, tp: tp, on: world).trainingMemory(for: gpt.data())
        }
    }
}
