import MPITestKit
import Stopping
import Testing
import Training

extension TrainerRun {
    /// Runs, which must fail with one sentence, from one rank.
    func expectRefusal(_ sentence: String, _ status: Stopping.ExitStatus = .failure) throws {
        let outcome = try start().wait()
        #expect(outcome.exitCode == status.rawValue, "\(outcome)")
        #expect(outcome.errors == "trainer: error: \(sentence)\n", "\(outcome)")
    }

    /// Runs, which must fail with one sentence about the command line and the usage below it, from one rank.
    func expectUsageError(_ sentence: String) throws {
        let outcome = try start().wait()
        #expect(outcome.exitCode == 64, "\(outcome)")
        #expect(outcome.errors.hasPrefix("Error: \(sentence)\n"), "\(outcome)")
        #expect(outcome.errors.matches(of: /Error:|Usage:/).count == 2, "\(outcome)")
        #expect(outcome.output == "", "\(outcome)")
    }

    /// What a sentence begins with that another rank may have told: in a world of one nobody asks which.
    func told(by rank: Int) -> String { ranks == 1 ? "" : "rank \(rank): " }
}
