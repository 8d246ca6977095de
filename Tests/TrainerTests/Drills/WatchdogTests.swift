import Foundation
import MPITestKit
import Stopping
import Testing
import Training

extension MPITests.TrainerTests {
    @Suite struct WatchdogTests {
        @Test func stalledRankIsNamedAndAllRanksEndWithTheCodeForNoProgress() throws {
            let folder = try TestFolder()
            let outcome = try run("stall@rank2:step9", in: folder)
            #expect(outcome.exitCode == 75, "\(outcome)")
            #expect(outcome.blocks == 1, "\(outcome)")
            #expect(
                outcome.errors.contains("\n  rank 2 is behind: step 9, in DrillCallback.onTrainStepBegin (process "))
            #expect(
                outcome.errors.contains("\n  ranks 0-1, 3 wait in allReduce over dp for rank 2: step 9, at operation "),
                "\(outcome)")
            let status = try #require(RunStatus.read(in: folder.out))
            #expect(status.state == .failed && status.error?.hasPrefix("no progress for 5 seconds") == true)
        }

        @Test func rankThatStallsInASaveIsNamed() throws {
            let outcome = try run("stall@rank0:save", ["--save-every-steps", "5"])
            #expect(outcome.exitCode == 75, "\(outcome)")
            #expect(
                outcome.errors.contains("rank 0 is behind: step 5, in ModelCheckpoint.onTrainStepEnd"), "\(outcome)")
            #expect(outcome.errors.contains("over world for rank 0: step 5, in ModelCheckpoint"), "\(outcome)")
        }

        @Test func rankThatIsStoppedByASignalSaysNothing() throws {
            let outcome = try run("sigstop@rank0:step7")
            #expect(outcome.exitCode == 75, "\(outcome)")
            #expect(
                outcome.errors.contains("rank 0 is behind and says nothing: its process is stopped by a signal"),
                "\(outcome)")
        }

        @Test func slowRunIsNoHang() throws {
            // A step takes a tenth of the timeout, and all of them take more than it.
            let outcome = try run("slow@rank1:500ms", ["--epochs", "3"])
            #expect(outcome.exitCode == 0 && outcome.blocks == 0, "\(outcome)")
        }

        private func run(
            _ drill: String, _ more: [String] = [], in folder: TestFolder? = nil
        ) throws -> MPIRunOutcome {
            let folder = try folder ?? TestFolder()
            let running = try folder.training(ranks: 4, ["--hang-timeout", "5s", "--drill", drill] + more).start()
            return try withExtendedLifetime(folder) { try running.wait() }
        }
    }
}

extension MPIRunOutcome {
    fileprivate var blocks: Int { errors.components(separatedBy: "no progress for").count - 1 }
}
