import Checkpoints
import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// `launch/run --restarts`.
    @Suite struct RestartTests {
        @Test func runThatLosesARankCarriesOnByItselfAndEndsAsIfNothingHappened() throws {
            let (folder, undisturbed) = try (TestFolder(), TestFolder())
            try undisturbed.training(ranks: 2).finish()
            let run = folder.training(ranks: 2, ["--save-every-steps", "4"]).restarting()
            let running = try run.pausing(beforeStep: 10).start()
            try running.whilePaused { try running.process(ofRank: 1).send(SIGKILL) }
            let outcome = try running.wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.errors.contains("restart 1 of 3: 2 ranks carry on after step 8\n"), "\(outcome)")
            #expect(outcome.output.contains(" after step 8 of 96\n"), "\(outcome)")
            let (ended, expected) = try (
                SavedSet(in: folder.out, ranks: 2), SavedSet(in: undisturbed.out, ranks: 2)
            )
            #expect(ended.hasSameState(as: expected))
        }

        @Test func twoFailuresAtTheSameStepAreTheEnd() throws {
            let folder = try TestFolder()
            let run = MPIRun(
                ranks: 2, "RankCases", ["failure", "--directory", folder.out.string], launcher: .script,
                options: ["--restarts", "5"])
            let outcome = try run.run()
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(outcome.errors.contains("launch/run: restart 1 of 5: 2 ranks begin anew\n"), "\(outcome)")
            #expect(!outcome.errors.contains("restart 2"), "\(outcome)")
            let sentence = "not started again: it failed twice in a row without having published anything\n"
            #expect(outcome.errors.hasSuffix("launch/run: \(sentence)"), "\(outcome)")
        }

        /// However little time lies between the two.
        @Test func whatAnEarlierRunSaidOfItselfIsNoReasonNotToStartAgain() throws {
            let folder = try TestFolder()
            try writeProgram(
                """
                #!/bin/bash
                trap 'exit 0' USR1
                exit 3
                """, to: folder.url("fails"))
            let checkout = try Checkout()
            try FileManager.default.createDirectory(atPath: folder.out.string, withIntermediateDirectories: true)
            try folder.write(
                #"{"state":"stopped","step":0,"updated":"2026-01-01T00:00:00Z","resumable":false,"processes":[]}"#,
                to: "out/status.json")
            let words = [
                checkout.script("run"), "-n", "1", "--restarts", "1", "--program",
                folder.url("fails").path(percentEncoded: false),
            ]
            let arguments = ["--directory", folder.out.string]
            let outcome = try MPIRun(ranks: 1, "trainer", arguments, launcher: .command(words), limit: 60).run()
            #expect(outcome.errors.contains("launch/run: restart 1 of 1: 1 rank begins anew\n"), "\(outcome)")
        }

        /// A run that went back to an older set is carried on from what it has published since, not from higher steps.
        @Test func runThatWentBackIsStartedAgainFromItsOwnSets() throws {
            let folder = try TestFolder()
            try folder.training(ranks: 1, epochs: 3, ["--save-every-steps", "4", "--keep", "9"]).finish()
            let run = folder.training(
                ranks: 1, epochs: 3,
                [
                    "--save-every-steps", "1", "--keep", "9", "--resume", "\(folder.out)/CKP-1_4.manifest.json",
                    "--drill", "kill@rank0:step7",
                ]
            ).restarting()
            let outcome = try run.start().wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.errors.contains("restart 1 of 3: 1 rank carries on after step 6\n"), "\(outcome)")
            #expect(outcome.output.contains("carrying on from CKP-2_2 after step 6 of 12\n"), "\(outcome)")
        }

        @Test func wrongArgumentsAreNotTriedAgain() throws {
            let outcome = try TestFolder().training(ranks: 2, ["--batch-size", "0"]).restarting().start().wait()
            #expect(outcome.exitCode == 64, "\(outcome)")
            #expect(!outcome.errors.contains("restart 1"), "\(outcome)")
        }

        /// It would come to the same loss again.
        @Test func aLossThatIsNoNumberEndsTheRunOnceWithItsOwnCode() throws {
            let folder = try TestFolder()
            let run = folder.training(ranks: 2, ["--learning-rate", "1e30", "--save-every-steps", "1"]).restarting()
            let outcome = try run.start().wait()
            #expect(outcome.exitCode == 65, "\(outcome)")
            let sentence = /trainer: error: .+ after step [0-9]+; the run ends, and the checkpoints from .+\n/
            #expect(outcome.errors.matches(of: sentence).count == 1, "\(outcome)")
            #expect(!outcome.errors.contains("restart 1"), "\(outcome)")
        }

        /// A rank that is paused keeps the others from stopping until both requests were heard.
        @Test func secondRequestToTheLaunchScriptOrphansNobodyAndNothingIsStartedAgain() throws {
            let folder = try TestFolder()
            let run = folder.training(ranks: 4, epochs: 10_000).restarting()
            let stop = try run.stop { running in
                let rank = try running.process(ofRank: 2)
                rank.send(SIGSTOP)
                running.launcher.send(SIGTERM)
                try running.wait(until: "launch/run heard it") { running.errors.contains("asking the ranks to stop") }
                // While it begins to ask them, further requests are no news and go unheard: whoever wants an answer asks again.
                try running.wait(until: "launch/run heard another one") {
                    running.launcher.send(SIGTERM)
                    return running.errors.contains("stopping already")
                }
                rank.send(SIGCONT)
            }
            try SavedSet(in: folder.out, ranks: 4).expect(stop)
        }

        /// Nothing says that the other host is gone: only that it does not answer any more.
        @Test(.enabled(if: TwoHosts.isAllowed, "two hosts are not tried: only root may make them, with iproute2"))
        func runWhoseHostVanishesWithoutAWordCarriesOnOnTheOther() throws {
            let (folder, hosts) = try (TestFolder(), TwoHosts(slots: 1))
            let run = folder.training(ranks: 2, epochs: 4, ["--save-every-steps", "4"]).restarting().on(hosts)
            let running = try run.pausing(beforeStep: 10).start()
            try running.whilePaused { try hosts.cutCable() }
            let outcome = try running.wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.errors.contains("mpirun itself has failed"), "\(outcome)")
            #expect(outcome.errors.contains("restart 1 of 3: 1 of 2 ranks carry on after step 8, "), "\(outcome)")
            #expect(try SavedSet(in: folder.out, ranks: 1).manifest.checkpoint.progress.finished)
        }

        @Test(.enabled(if: TwoHosts.isAllowed, "two hosts are not tried: only root may make them, with iproute2"))
        func runThatLosesAHostCarriesOnWithTheRanksThatAreLeft() throws {
            let (folder, hosts) = try (TestFolder(), TwoHosts(slots: 2))
            let run = folder.training(ranks: 4, ["--save-every-steps", "4"]).restarting().on(hosts)
            let running = try run.pausing(beforeStep: 10).start()
            try running.whilePaused { try hosts.loseSecondHost() }
            let outcome = try running.wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            let lost = "as \(TwoHosts.secondAddress) does not answer\n"
            #expect(outcome.errors.contains("restart 1 of 3: 2 of 4 ranks carry on after step 8, "), "\(outcome)")
            #expect(outcome.errors.contains(lost), "\(outcome)")
            #expect(try SavedSet(in: folder.out, ranks: 2).manifest.checkpoint.progress.finished)
        }
    }
}

extension TrainerRun {
    /// The same run by `launch/run`, which starts it again.
    fileprivate func restarting() -> TrainerRun {
        var run = self
        run.launcher = .script
        run.options += ["--restarts", "3"]
        return run
    }
}
