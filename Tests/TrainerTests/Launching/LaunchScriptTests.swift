import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What happens to the ranks of `launch/run` if their end does not come by it.
    @Suite struct LaunchScriptTests {
        @Test func ranksOfAScriptThatIsKilledStopAsIfAsked() throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 2, epochs: 10_000)
            run.launcher = .script
            let running = try run.start()
            try running.wait(until: "an epoch was made") { running.output.contains("epoch ") }
            let mpirun = try #require(running.launcher.descendants.first)
            running.launcher.send(SIGKILL)
            #expect(try running.wait().exitCode == 128 + SIGKILL)
            for _ in 0..<6_000 where mpirun.catches(SIGUSR1) { Thread.sleep(forTimeInterval: 0.01) }
            if mpirun.catches(SIGUSR1) { mpirun.send(SIGTERM) }
            #expect(running.output.contains("all 2 ranks stopped after step "), "\(running.output)\(running.errors)")
            _ = try SavedSet(in: folder.out, ranks: 2)
        }

        /// mpirun ends with 1 then, which alone would look like a failure.
        @Test func runThatMpirunWasAskedToEndIsNotStartedAgain() throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 2, epochs: 10_000)
            run.launcher = .script
            // More time than the usual two seconds: what mpirun leaves by itself, PlainMpirunTests try.
            run.options = ["--restarts", "3", "--mpirun-args", "--mca odls_base_sigkill_timeout 3"]
            let running = try run.start()
            try running.wait(until: "an epoch was made") { running.output.contains("epoch ") }
            try #require(running.launcher.descendants.first).send(SIGTERM)
            let outcome = try running.wait()
            #expect(outcome.exitCode == 1 && !outcome.errors.contains("restart 1"), "\(outcome)")
            _ = try SavedSet(in: folder.out, ranks: 2)
        }
    }
}
