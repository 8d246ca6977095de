import Foundation
import Glibc
import MPITestKit
import Testing

extension MPITests.TrainerTests {
    /// A SIGCONT of the launcher that nobody expects is its notice, one timeout before SIGTERM; others are job control.
    @Suite struct NoticeTests {
        /// Between mpirun and the rank stands a shell that sends SIGCONT when it gets SIGUSR1.
        @Test func unexpectedContinuationByTheParentStopsTheRun() throws {
            let folder = try TestFolder()
            let shell = """
                trap 'kill -CONT "$rank"' USR1
                "$@" & rank=$!
                while kill -0 "$rank"; do wait "$rank"; code=$?; done 2>/dev/null
                exit "$code"
                """
            let words = ["mpirun", "-q", "-n", "1", "bash", "-c", shell, "shell", MPIRun.path(of: "trainer")]
            var run = folder.training(ranks: 1, epochs: 10_000)
            run.launcher = .command(words)
            let running = try run.start()
            try running.waitForAnEpoch()
            let parent = try running.process(ofRank: 0)
            // Again and again: one that comes when the rank had no processor for half a second is taken for job control.
            try running.wait(until: "the notice was heard") {
                parent.send(SIGUSR1)
                return running.errors.contains("stopping after step ")
            }
            let stop = try run.end(of: running)
            #expect(stop.reason == "a notice of its launcher", "\(stop)")
            try SavedSet(in: folder.out, ranks: 1).expect(stop)
        }

        @Test func continuationByAnotherProcessThanTheLauncherIsNone() throws {
            let folder = try TestFolder()
            let stop = try folder.training(ranks: 2, epochs: 10_000).stop { running in
                try running.process(ofRank: 1).send(SIGCONT)
                try running.expectToGoOn()
            }
            #expect(stop.reason == "a signal", "\(stop)")
        }

        /// Ctrl-Z and `fg`, which mpirun hands on: to the ranks it is the same SIGCONT of the same process.
        @Test func ranksThatAreContinuedAfterAPauseGoOn() throws {
            let folder = try TestFolder()
            let stop = try folder.training(ranks: 2, epochs: 10_000).stop { running in
                let ranks = try (0..<2).map(running.process(ofRank:))
                running.launcher.send(SIGTSTP)
                try running.wait(until: "mpirun paused its ranks") { ranks.allSatisfy(\.isPaused) }
                // A pause of less than half a second is not known as one.
                Thread.sleep(forTimeInterval: 1)
                running.launcher.send(SIGCONT)
                try running.expectToGoOn()
            }
            #expect(stop.reason == "a signal", "\(stop)")
        }

        /// By the shell of a person, or a debugger.
        @Test func rankThatIsPausedByItselfAndContinuedGoesOn() throws {
            let folder = try TestFolder()
            let stop = try folder.training(ranks: 2, epochs: 10_000).stop { running in
                let rank = try running.process(ofRank: 1)
                for pause in [SIGSTOP, SIGTSTP] {
                    rank.send(pause)
                    try running.wait(until: "the rank was paused") { rank.isPaused }
                    rank.send(SIGCONT)
                    try running.waitForAnEpoch()
                }
                try running.expectToGoOn()
            }
            #expect(stop.reason == "a signal", "\(stop)")
        }
    }
}

extension RunningMPI {
    /// Waits for more epochs, which a run that was asked to stop would not make, and then asks it.
    fileprivate func expectToGoOn() throws {
        try waitForAnEpoch()
        try process(ofRank: 0).send(SIGTERM)
    }
}
