import MPITestKit
import Testing

extension MPITests {
    @Suite struct MPIRunTests {
        @Test func failureOfAProgramIsSeen() throws {
            let outcome = try MPIRun(ranks: 2, "RankCases", ["no-such-case"]).run()
            #expect(outcome.exitCode == 2, "\(outcome)")
            #expect(outcome.errors.contains("RankCases needs one of these names: "), "\(outcome)")
        }

        @Test func failureOfOneRankEndsAll() throws {
            let outcome = try MPIRun(ranks: 4, "RankCases", ["failure"]).run()
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(outcome.errors.contains("rank 3: this rank fails on purpose\n"), "\(outcome)")
        }

        @Test func hangBecomesAFailure() throws {
            let hang = #expect(throws: MPIRunHang.self) { try MPIRun(ranks: 2, "RankCases", ["hang"], limit: 3).run() }
            let caught = try #require(hang)
            #expect(caught.outcome.output.contains("hangs"), "\(caught)")
        }
    }
}
