import MPITestKit
import Testing

extension MPITests {
    @Suite struct MPIRunTests {
        @Test func failureOfAProgramIsSeen() throws {
            let outcome = try MPIRun(ranks: 2, "RankCases", ["no-such-case"]).run()
            #expect(outcome.exitCode == 2, "\(outcome)")
            #expect(outcome.errors.contains("RankCases needs some of these names: "), "\(outcome)")
        }

        @Test func failureOfOneRankEndsAll() throws {
            let outcome = try MPIRun(ranks: 4, "RankCases", ["failure"]).run()
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(outcome.errors.contains("rank 3: this rank fails on purpose\n"), "\(outcome)")
        }

        @Test func hangBecomesAFailure() throws {
            let running = try MPIRun(ranks: 2, "RankCases", ["hang"]).start()
            try running.wait(until: "it hung") { running.output.contains("hangs") }
            let caught = try #require(throws: MPIRunHang.self) { try running.wait(atMost: 1) }
            #expect(caught.outcome.output.contains("hangs"), "\(caught)")
        }
    }
}
