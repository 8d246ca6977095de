import CollectivesTestKit
import MPITestKit
import Testing

extension MPITests {
    /// Calls that do not match, over real MPI, where they would hang or corrupt memory.
    @Suite struct MismatchTests {
        @Test(arguments: CallMismatch.allCases) func bothRanksAndBothCallsAreNamed(mismatch: CallMismatch) throws {
            let outcome = try MPIRun(ranks: 4, "RankCases", ["mismatch", mismatch.rawValue], limit: 60).run()
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(mismatch.sentences.contains(where: outcome.errors.contains), "\(outcome)")
        }

        @Test(arguments: [2, 8]) func callsThatMatchAreMade(ranks: Int) throws {
            let outcome = try MPIRun(ranks: ranks, "RankCases", ["conformance-checked"]).run()
            #expect(outcome.exitCode == 0, "\(outcome)")
        }
    }
}
