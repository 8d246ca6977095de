import MPITestKit
import Testing

extension MPITests {
    /// Each case of `RankCases` on several numbers of processes.
    @Suite struct RankTests {
        /// With calls of any size, and of so few elements that all need several. Cases share a start, which takes longer than they.
        @Test(
            arguments: [
                ["conformance", "error-text", "overlap"], ["conformance-small-pieces", "overlap-small-pieces"],
            ],
            [1, 2, 4, 8])
        func theyHoldOnAllRanks(names: [String], ranks: Int) throws {
            try expectToHold(names, ranks: ranks)
        }

        @Test(arguments: [2, 4, 8]) func failureOfOneRankIsThrownOnAll(ranks: Int) throws {
            try expectToHold(
                [
                    "callback-failure onTrainBegin", "callback-failure onTrainStepEnd",
                    "callback-failure onTrainEpochEnd", "write-failure", "publish-failure", "other-network",
                ], ranks: ranks)
        }

        @Test(arguments: [2, 4]) func splitTensorsAreGatheredInLittleMemory(ranks: Int) throws {
            try expectToHold(["integrated-save"], ranks: ranks)
        }

        private func expectToHold(_ names: [String], ranks: Int) throws {
            let words = names.joined(separator: " -- ").split(separator: " ").map(String.init)
            let outcome = try MPIRun(ranks: ranks, "RankCases", words).run()
            #expect(outcome.exitCode == 0, "\(outcome)")
            for rank in 0..<ranks {
                for name in names {
                    #expect(outcome.output.contains("rank \(rank) of \(ranks): \(name) holds\n"), "\(outcome)")
                }
            }
        }
    }
}
