import Checkpoints
import Foundation
import Glibc
import MPITestKit
import Stopping
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// A request while the run does something else than training steps.
    @Suite struct EveryMomentTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        /// Its samples are so many that all of them take far longer than the test may.
        private func writeManyTestSamples() throws {
            try SmallDigits.write(to: folder.data, testCount: 200_000)
        }

        @Test func requestInAnEvaluationBetweenStepsStopsAfterTheStep() throws {
            try writeManyTestSamples()
            let history = folder.path.appending("history.jsonl")
            let run = folder.training(
                ranks: 2, ["--evaluate-every-steps", "6", "--history", history.string])
            let running = try run.start()
            // The line of the sixth step is written after its evaluation.
            try running.wait(until: "five steps were made") {
                (try? folder.lines(of: "history.jsonl", as: HistoryLine.self).count == 5) ?? false
            }
            Thread.sleep(forTimeInterval: 0.3)
            try running.process(ofRank: 1).send(SIGTERM)
            let stop = try run.end(of: running)
            #expect(stop.step == 6 && stop.rank == 1, "\(stop)")
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
            #expect(try folder.lines(of: "history.jsonl", as: HistoryLine.self).count == 6)
        }

        @Test func requestInTheEvaluationAtTheEndLeavesTheFinishedRun() throws {
            try writeManyTestSamples()
            let running = try folder.training(ranks: 2, epochs: 1).start()
            try running.wait(until: "all steps were made") { running.output.contains("finished step 4 of 4") }
            try running.process(ofRank: 1).send(SIGINT)
            let outcome = try running.wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.output.contains("stopped as asked, before all test samples were measured\n"), "\(outcome)")
            let set = try SavedSet(in: folder.out, ranks: 2)
            #expect(set.manifest.checkpoint.progress.finished)
        }

        @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1])
        func signalEndsAGenerationAfterAByte(signal: Int32) throws {
            let running = try generation([])
            try running.process(ofRank: 1).send(signal)
            #expect(try running.wait().exitCode == 0)
        }

        @Test func otherRequestsEndAGenerationToo() throws {
            let file = folder.path.appending("exit.json").string
            let running = try generation(["--config-file", file])
            try folder.write(#"{"GracefulExit": 1}"#, to: "exit.json")
            #expect(try running.wait().exitCode == 0)
            let limited = try generation(["--max-time", "3s", "--requeue-exit-code", "9"])
            #expect(try limited.wait().exitCode == 9)
            let halted = try generation([])
            try folder.stop()
            #expect(try halted.wait().exitCode == 0)
            #expect(try folder.stop(["--list"]).contains("no requests"))
        }

        @Test func haltRequestIsTakenFromTheFirstMomentOn() throws {
            let run = folder.training(ranks: 2, epochs: 100_000, ["--drill", "sigstop@rank1:startup"])
            let running = try run.start()
            try running.whilePaused(rank: 1) {
                // Rank 0 writes it, which may be behind.
                try running.wait(until: "the run says that it starts") {
                    RunStatus.read(in: folder.out)?.state == .starting
                }
                let answer = try folder.stop()
                #expect(answer.contains("is to stop now"))
            }
            let stop = try run.end(of: running)
            #expect(stop.reason == "a halt request", "\(stop)")
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        /// As one that a script has made for a run.
        @Test func haltRequestWaitsInAnEmptyDirectoryForARun() throws {
            try FileManager.default.createDirectory(atPath: folder.out.string, withIntermediateDirectories: true)
            #expect(try folder.stop().contains("no run has begun there yet, so the request waits for one"))
            let run = folder.training(ranks: 1)
            #expect(try run.end(of: run.start()).step == 1)
        }

        /// In a directory that was there; one that the run has made goes again.
        @Test func whatKeepsARunFromTrainingIsOnRecord() throws {
            try FileManager.default.createDirectory(atPath: folder.out.string, withIntermediateDirectories: true)
            var run = folder.training(ranks: 1)
            run.arguments += ["--data", folder.path.appending("nowhere").string]
            #expect(try run.start().wait().exitCode == 78)
            let status = try #require(RunStatus.read(in: folder.out))
            #expect(status.state == .failed && status.error?.contains("nowhere") == true, "\(status)")
        }

        @Test func runThatWaitsForAnotherLeavesAtOnce() throws {
            let first = try folder.training(ranks: 1, epochs: 100_000).start()
            try first.wait(until: "an epoch was made") { first.output.contains("epoch ") }
            let second = try folder.training(ranks: 2, ["--requeue-exit-code", "9"]).start()
            try second.wait(until: "it waited") { second.output.contains("waiting for the run that goes on in ") }
            try second.process(ofRank: 1).send(SIGTERM)
            // Not after half a minute, when it would be refused with another code.
            #expect(try second.wait().exitCode == 9)
            #expect(RunStatus.read(in: folder.out)?.state == .running)
            first.launcher.send(SIGUSR1)
            #expect(try first.wait().exitCode == 0)
        }

        @Test func exportThatWasAskedToStopLeavesNothingBehind() throws {
            _ = try SavedSet(publishedIn: folder)
            let output = folder.path.appending("net.mindir").string
            let shell = "kill -TERM $$; exec \"$0\" \"$@\""
            let run = TrainerRun(
                ranks: 1,
                arguments: [
                    "export", "--from", folder.out.appending("LeNet5_train.manifest.json").string, "--output", output,
                ],
                launcher: .command(["env", "--block-signal=TERM", "sh", "-c", shell, MPIRun.path(of: "trainer")]))
            let outcome = try run.start().wait()
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(outcome.errors.contains("stopped as asked (SIGTERM), before the network was written"), "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }

        @Test(
            arguments: [
                ["PMI_RANK": "1", "PMI_SIZE": "3"], ["PMIX_RANK": "1"], ["SLURM_STEP_ID": "0", "SLURM_NTASKS": "4"],
            ])
        func rankThatIsAloneByMistakeIsRefused(variables: [String: String]) throws {
            var run = folder.training(ranks: 1)
            run.environment = variables
            run.launcher = .command([MPIRun.path(of: "trainer")])
            let outcome = try run.start().wait()
            #expect(outcome.exitCode == 78 && outcome.errors.contains("each of them runs alone"), "\(outcome)")
            run.environment["LOCKSTEP_ALONE"] = "1"
            run.arguments += ["--epochs", "1"]
            try run.finish()
        }

        @Test func batchScriptOfSlurmMayRunOneRankAndIsTold() throws {
            var run = folder.training(ranks: 1, epochs: 1)
            run.environment = ["SLURM_JOB_ID": "5", "SLURM_NTASKS": "4", "SLURM_PROCID": "0"]
            run.launcher = .command([MPIRun.path(of: "trainer")])
            let outcome = try run.start().wait()
            #expect(outcome.exitCode == 0 && outcome.errors.contains("this process runs alone"), "\(outcome)")
        }

        /// A generation of more bytes than anybody waits for, under way.
        private func generation(_ more: [String]) throws -> RunningMPI {
            if !FileManager.default.fileExists(atPath: folder.out.string) {
                try folder.gpt(dp: 1, tp: 1, epochs: 1).finish()
            }
            let arguments = [
                "generate", "--prompt", "war is ", "--temperature", "0", "--count", "1000000000", "--directory",
                folder.out.string,
            ]
            let running = try TrainerRun(ranks: 2, arguments: arguments + folder.gptArguments() + more).start()
            try running.wait(until: "a text began") { running.output.utf8.count > 20 }
            return running
        }
    }
}

extension TestFolder {
    /// Runs `trainer stop` on the run of this folder, which must work, and returns what it printed.
    @discardableResult
    fileprivate func stop(_ arguments: [String] = []) throws -> String {
        let run = TrainerRun(
            ranks: 1, arguments: ["stop", out.string] + arguments, launcher: .command([MPIRun.path(of: "trainer")]))
        return try run.finish()
    }
}
