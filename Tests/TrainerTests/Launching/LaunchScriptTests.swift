import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing
import Training

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

        @Test(arguments: [
            (["run", "-n", "0"], "launch/run: -n is '0'; it must be a number of ranks, 1 or more\n"),
            (["run", "-n", "2", "--restarts"], "launch/run: --restarts needs a value; launch/run --help explains\n"),
            (["doctor", "--fast"], "launch/doctor: there is no option --fast; launch/doctor --help explains\n"),
            (["stop"], "launch/stop: it needs the directory of a run; launch/stop --help explains\n"),
        ])
        func wrongCommandLineOfAScriptIsRefusedInOneSentence(words: [String], sentence: String) throws {
            let script = MPIRun.checkout.appending(path: "launch/\(words[0])").path(percentEncoded: false)
            let run = MPIRun(ranks: 1, "trainer", Array(words.dropFirst()), launcher: .command([script]), limit: 60)
            let outcome = try run.run()
            #expect(outcome.exitCode == Training.ExitStatus.usage.rawValue && outcome.errors == sentence, "\(outcome)")
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
