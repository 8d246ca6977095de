import Glibc
import MPITestKit
import Stopping
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// Who asks again is told what the run is doing about the first request, and how to force the end.
    @Suite struct RepeatedRequestTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        @Test func secondInterruptIsAnsweredWhileTheStepIsUnderWay() throws {
            let run = folder.training(ranks: 2)
            let running = try run.pausing(rank: 1, beforeStep: 6).start()
            try running.whilePaused(rank: 1) {
                try running.askRankZero(by: SIGINT, untilItSays: "the step under way is being finished")
            }
            let stop = try run.end(of: running)
            #expect(stop.step == 6 && stop.rank == 0, "\(stop)")
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        @Test func anyRequestIsAnsweredOnceTheRanksHaveAgreed() throws {
            let run = folder.training(ranks: 2)
            let running = try startToStop(run)
            try running.whilePaused(rank: 1) {
                try running.askRankZero(by: SIGTERM, untilItSays: whatIsSaved)
            }
            let stop = try run.end(of: running)
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        /// The end is forced while the ranks save: nothing more is published.
        @Test func quitWhileStoppingLeavesThePreviousSetWhole() throws {
            let saved = try SavedSet(publishedIn: folder)
            let running = try startToStop(folder.training(ranks: 2))
            let (asked, other) = try (running.process(ofRank: 0), running.process(ofRank: 1))
            try running.wait(until: "rank 1 paused") { other.isPaused }
            asked.send(SIGQUIT)
            let outcome = try running.wait()
            #expect(outcome.exitCode == Stopping.ExitStatus.forced.rawValue, "\(outcome)")
            #expect(outcome.errors.contains("rank 0 (process \(asked.identifier)) leaves at once because of SIGQUIT"))
            #expect(try SavedSet(in: folder.out, ranks: 1).manifest == saved.manifest)
        }

        private let whatIsSaved = "all ranks have stopped after step 6, and their state is being saved"

        /// Starts a run that is asked to stop in its sixth step. When the ranks have agreed, the second one pauses, so that
        /// the other cannot save.
        private func startToStop(_ run: TrainerRun) throws -> RunningMPI {
            var run = run
            run.arguments += ["--drill", "sigterm@rank0:step6; sigstop@rank1:stopping"]
            let running = try run.start()
            try running.wait(until: "rank 0 stopped") { running.errors.contains("stopping after step 6: ") }
            return running
        }
    }
}

extension RunningMPI {
    /// Sends a signal to rank 0 until it is answered: of signals that come faster than they are heard, only one counts.
    fileprivate func askRankZero(by signal: Int32, untilItSays doing: String) throws {
        let rank = try process(ofRank: 0)
        let name = SignalName.text(of: signal)
        try wait(until: "rank 0 answered") {
            rank.send(signal)
            return errors.contains("rank 0 is asked again (\(name)): \(doing); SIGQUIT leaves at once instead")
        }
    }
}
