import Networks
import Testing

@testable import Runs
@testable import Training

/// A GPT trained on one mesh after the other: the same losses, since batches, first values and dropout do not depend on it.
@Suite struct MeshTests {
    static let meshes = [(2, 1), (1, 2), (2, 2), (4, 2), (8, 1)]

    /// The losses on one rank, with the head tied to the embedding and with a head of its own.
    static let tied = Result { try SmallGPT().losses(dp: 1, tp: 1) }
    static let untied = Result { try SmallGPT(tiesHead: false).losses(dp: 1, tp: 1) }

    @Test(arguments: meshes)
    func lossesAgreeWithThoseOfOneRank(dp: Int, tp: Int) throws {
        let expected = try Self.tied.get()
        try expectAgreement(of: SmallGPT().losses(dp: dp, tp: tp), with: expected)
        #expect(expected[49] < expected[0] - 1, "it learns")
    }

    /// With everything that changes how a step is made: an untied head, parts of a step, shares of the optimizer's state.
    @Test(arguments: meshes)
    func lossesAgreeHoweverAStepIsMade(dp: Int, tp: Int) throws {
        let gpt = SmallGPT(tiesHead: false, accumulation: 2, sharesOptimizer: true)
        try expectAgreement(of: gpt.losses(dp: dp, tp: tp), with: Self.untied.get())
    }

    @Test func partsOfAStepOnOneRankDoNotChangeLosses() throws {
        try expectAgreement(of: SmallGPT(accumulation: 4).losses(dp: 1, tp: 1), with: Self.tied.get())
    }

    @Test func twoRunsOnOneMeshAgreeBitForBit() throws {
        let gpt = SmallGPT(accumulation: 2, sharesOptimizer: true)
        #expect(try gpt.losses(dp: 2, tp: 2) == gpt.losses(dp: 2, tp: 2))
    }

    @Test func clippingAndDropoutChangeTheLosses() throws {
        // Or what the tests above compare would prove nothing about them.
        let expected = try Self.tied.get()
        let short = SmallGPT(steps: 5)
        for other in [SmallGPT(dropout: 0, steps: 5), SmallGPT(clipNorm: nil, steps: 5)] {
            #expect(try other.losses(dp: 1, tp: 1) != short.losses(dp: 1, tp: 1))
        }
        #expect(try Self.untied.get() != expected)
    }

    private func expectAgreement(of losses: [Float], with expected: [Float]) {
        #expect(losses.count == expected.count)
        for step in expected.indices {
            #expect(abs(losses[step] - expected[step]) <= 1e-4 * expected[step], "step \(step + 1)")
        }
    }
}
