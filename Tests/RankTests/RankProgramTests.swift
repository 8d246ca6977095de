import MPITestKit
import Testing

extension MPITests {
    /// Programs without a command line: what goes wrong is one sentence of one rank, and a code.
    @Suite struct RankProgramTests {
        @Test(
            arguments: [
                ("file", 1, "/none/table.csv: The file doesn’t exist."), ("save", 74, "the disk is full"),
                ("no-optimizer", 78, "the model has no optimizer, so it cannot be trained"),
            ])
        func mistakeOfAllRanksIsSaidOnce(mistake: String, code: Int32, sentence: String) throws {
            for ranks in [1, 3] {
                let outcome = try run([mistake], ranks: ranks)
                #expect(outcome.exitCode == code, "\(outcome)")
                #expect(outcome.errors.hasPrefix("RankCases: error: \(sentence)\n"), "\(outcome)")
                #expect(outcome.errors.components(of: "error:") == 1, "\(outcome)")
                #expect(!outcome.output.contains("all is well"), "\(outcome)")
            }
        }

        /// The others wait in a barrier for what never comes.
        @Test func mistakeOfOneRankNamesItAndEndsAll() throws {
            let outcome = try run(["save", "1"], ranks: 3)
            #expect(outcome.exitCode == 74, "\(outcome)")
            #expect(outcome.errors.contains("RankCases: error: rank 1: the disk is full\n"), "\(outcome)")
            #expect(outcome.errors.components(of: "error:") == 1, "\(outcome)")
        }

        @Test func programWithoutMistakesEndsWell() throws {
            let outcome = try run(["none"], ranks: 2)
            #expect(outcome.exitCode == 0 && outcome.output == "all is well\n" && outcome.errors.isEmpty, "\(outcome)")
        }

        @Test func stopIsSaidByOneRank() throws {
            let outcome = try run(["stop"], ranks: 4)
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.errors.components(of: "stopping after step 2: a signal") == 1, "\(outcome)")
            #expect(outcome.errors.contains("asked rank 1"), "\(outcome)")
            #expect(outcome.output == "all is well\n", "\(outcome)")
        }

        private func run(_ words: [String], ranks: Int) throws -> MPIRunOutcome {
            try MPIRun(ranks: ranks, "RankCases", ["rank-program"] + words, limit: 60).run()
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
