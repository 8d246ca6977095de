import Testing

/// Each case of `RankCases` on several numbers of processes; one after the other, as each fills all cores.
@Suite(.serialized) struct RankTests {
    @Test(
        arguments: ["conformance", "conformance-small-pieces", "error-text", "overlap", "overlap-small-pieces"],
        [1, 2, 4, 8])
    func holdsOnAllRanks(name: String, ranks: Int) throws {
        let outcome = try MPIRun(ranks: ranks, "RankCases", [name]).run()
        #expect(outcome.exitCode == 0, "\(outcome)")
        for rank in 0..<ranks {
            #expect(outcome.output.contains("rank \(rank) of \(ranks): \(name) holds\n"), "\(outcome)")
        }
    }
}
