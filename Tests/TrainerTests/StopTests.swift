import Checkpoints
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests {
    /// The trainer as people use it: started by `mpirun` or `launch/run`, stopped, started again.
    @Suite struct TrainerTests {}
}

extension MPITests.TrainerTests {
    @Suite struct StopTests {
        /// Each of eight ranks in turn, in one chain of runs.
        @Test func signalToAnyOfEightRanksStopsAllAndTheChainEndsAsIfNeverStopped() throws {
            let (folder, undisturbed) = try (TestFolder(), finishedSet(ranks: 8))
            let run = folder.training(ranks: 8)
            for rank in 0..<8 {
                // In all steps of an epoch, which has four.
                let step = 11 * (rank + 1)
                let stop = try run.stop(by: SIGTERM, toRank: rank, inStep: step)
                #expect(stop.rank == rank && stop.reason == "a signal" && stop.step == step, "\(stop)")
                try SavedSet(in: folder.out, ranks: 8).expect(stop)
                #expect(leftovers(in: folder.out) == [])
            }
            #expect(try run.finish().contains("carrying on from LeNet5_train after step 88 of 96\n"))
            #expect(try SavedSet(in: folder.out, ranks: 8).hasSameState(as: undisturbed))
        }

        @Test(arguments: [1, 2, 4])
        func runThatWasStoppedOnceEndsAsIfNeverStopped(ranks: Int) throws {
            let (folder, undisturbed) = try (TestFolder(), finishedSet(ranks: ranks))
            let run = folder.training(ranks: ranks)
            let stop = try run.stop(by: SIGTERM, toRank: ranks - 1, inStep: 30)
            try SavedSet(in: folder.out, ranks: ranks).expect(stop)
            #expect(stop.rank == ranks - 1 && stop.step == 30)
            #expect(try run.finish().contains("carrying on from LeNet5_train after step 30 of 96\n"))
            #expect(try SavedSet(in: folder.out, ranks: ranks).hasSameState(as: undisturbed))
        }

        @Test func finishedRunIsNotMadeAgain() throws {
            let folder = try TestFolder()
            let run = folder.training(ranks: 2, epochs: 2)
            try run.finish()
            let first = try SavedSet(in: folder.out, ranks: 2)
            #expect(first.manifest.checkpoint.progress.finished)
            #expect(try run.finish().contains("carrying on from LeNet5_train after step 8 of 8\n"))
            #expect(try SavedSet(in: folder.out, ranks: 2).manifest == first.manifest)
        }

        /// To `launch/run`: mpirun itself would kill the ranks of any of these.
        @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1])
        func signalToTheLaunchScriptStopsAllRanks(signal: Int32) throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 4)
            run.launcher = .script
            let running = try run.pausing(beforeStep: 6).start()
            try running.whilePaused {
                running.launcher.send(signal)
                let rank = try running.process(ofRank: 0)
                try running.wait(until: "mpirun passed it on") { rank.hasPending(SIGUSR1) }
            }
            let stop = try run.end(of: running)
            #expect(stop.reason == "a signal" && stop.step == 6)
            try SavedSet(in: folder.out, ranks: 4).expect(stop)
            guard signal == SIGTERM else { return }
            try run.finish()
            #expect(try SavedSet(in: folder.out, ranks: 4).hasSameState(as: finishedSet(ranks: 4)))
        }

        @Test(arguments: [SIGUSR1, SIGINT, SIGHUP])
        func otherSignalsToARankStopAllRanks(signal: Int32) throws {
            let folder = try TestFolder()
            let stop = try folder.training(ranks: 2).stop(by: signal, toRank: 1, inStep: 6)
            #expect(stop.rank == 1 && stop.reason == "a signal" && stop.step == 6, "\(stop)")
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        @Test func onlyTheSignalsThatAreNamedStop() throws {
            let folder = try TestFolder()
            let run = folder.training(ranks: 2, epochs: 10_000, ["--stop-signal", "USR2", "--stop-signal", "ALRM"])
            let stop = try run.stop { running in
                #expect(try !running.process(ofRank: 0).catches(SIGTERM))
                try running.process(ofRank: 1).send(SIGALRM)
            }
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        /// What a run that nobody stops ends with.
        private func finishedSet(ranks: Int) throws -> SavedSet {
            let folder = try TestFolder()
            try folder.training(ranks: ranks).finish()
            return try SavedSet(in: folder.out, ranks: ranks)
        }
    }
}
