import MPITestKit
import Testing

extension MPITests {
    /// Each case of `RankCases` on several numbers of processes.
    @Suite struct RankTests {
        @Test(
            arguments: ["conformance", "conformance-small-pieces", "error-text", "overlap", "overlap-small-pieces"],
            [1, 2, 4, 8])
        func holdsOnAllRanks(name: String, ranks: Int) throws {
            try expectToHold(name, ranks: ranks)
        }

        @Test(
            arguments: [
                "callback-failure onTrainBegin", "callback-failure onTrainStepEnd", "callback-failure onTrainEpochEnd",
                "write-failure", "publish-failure", "other-network",
            ], [2, 4, 8])
        func failureOfOneRankIsThrownOnAll(name: String, ranks: Int) throws {
            try expectToHold(name, ranks: ranks)
        }

        @Test(arguments: [2, 4]) func splitTensorsAreGatheredInLittleMemory(ranks: Int) throws {
            try expectToHold("integrated-save", ranks: ranks)
        }

        private func expectToHold(_ name: String, ranks: Int) throws {
            let words = name.split(separator: " ").map(String.init)
            let outcome = try MPIRun(ranks: ranks, "RankCases", words).run()
            #expect(outcome.exitCode == 0, "\(outcome)")
            for rank in 0..<ranks {
                #expect(outcome.output.contains("rank \(rank) of \(ranks): \(words[0]) holds\n"), "\(outcome)")
            }
        }
    }
}
