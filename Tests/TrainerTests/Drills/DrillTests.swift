import MPITestKit
import Testing

extension MPITests.TrainerTests {
    /// A sample of what `launch/drill` does.
    @Suite struct DrillTests {
        @Test func randomDrillsLoseNothing() throws {
            try expectAllPassed(["--runs", "3", "--seed", "5", "-n", "4"], "seed 5: 3 tried, 3 passed; 0 hung")
        }

        @Test func sampleOfTheMatrixPasses() throws {
            try expectAllPassed(
                ["--matrix", "--sample", "4", "--seed", "2", "-n", "4"], "matrix: 4 tried, 4 passed; 0 hung")
        }

        /// A program that the drill knows nothing of, and that has no test samples.
        @Test func drillsOfAnotherProgramLoseNothing() throws {
            let program = ["--program", MPIRun.path(of: "ProgramCases"), "-n", "4"]
            try expectAllPassed(program + ["--runs", "2", "--seed", "3"], "seed 3: 2 tried, 2 passed; 0 hung")
            try expectAllPassed(
                program + ["--matrix", "--sample", "2", "--seed", "4"], "matrix: 2 tried, 2 passed; 0 hung")
        }

        @Test func badDrillIsRefusedInOneSentence() throws {
            let folder = try TestFolder()
            let running = try folder.training(ranks: 2, ["--drill", "sigterm@rank9:step1"]).start()
            let outcome = try withExtendedLifetime(folder) { try running.wait() }
            #expect(outcome.exitCode == 64, "\(outcome)")
            #expect(
                outcome.errors.contains("\"sigterm@rank9:step1\" is for rank 9, and the ranks are 0 to 1"), "\(outcome)"
            )
        }

        private func expectAllPassed(_ arguments: [String], _ sum: String) throws {
            let outcome = try MPIRun(ranks: 1, "drill", arguments, launcher: .command([MPIRun.path(of: "drill")])).run()
            #expect(outcome.exitCode == 0 && outcome.output.contains("drill: \(sum)"), "\(outcome)")
        }
    }
}
