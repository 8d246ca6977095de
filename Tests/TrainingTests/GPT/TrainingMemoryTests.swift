import CollectivesTestKit
import Networks
import Testing

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

    private func memory(of gpt: SmallGPT, dp: Int, tp: Int) throws -> [TrainingMemory] {
        try ThreadWorld.run(ranks: dp * tp) { world in
            try gpt.model(dp: dp, tp: tp, on: world).trainingMemory(for: gpt.data())
        }
    }
}
