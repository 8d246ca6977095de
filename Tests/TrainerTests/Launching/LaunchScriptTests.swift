import Checkpoints
import Foundation
import Glibc
import MPITestKit
import Stopping
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
            try running.waitForAnEpoch()
            let mpirun = try #require(running.launcher.descendants.first)
            running.launcher.send(SIGKILL)
            #expect(try running.wait().exitCode == 128 + SIGKILL)
            for _ in 0..<6_000 where mpirun.catches(SIGUSR1) { Thread.sleep(forTimeInterval: 0.01) }
            if mpirun.catches(SIGUSR1) { mpirun.send(SIGTERM) }
            #expect(running.output.contains("all 2 ranks stopped after step "), "\(running.output)\(running.errors)")
            _ = try SavedSet(in: folder.out, ranks: 2)
        }

        /// mpirun forwards USR1 alone, and nobody listens to that here.
        @Test func requestGoesToTheRanksBySignalsThatTheyListenTo() throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 2, epochs: 10_000, ["--stop-signal", "SIGTERM"])
            run.launcher = .script
            let stop = try run.stop { $0.launcher.send(SIGINT) }
            #expect(stop.reason == "a signal")
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        /// USR1 would end it, and the ranks with it.
        @Test(arguments: ["\"$0\" \"$@\"", "exec timeout 600 \"$0\" \"$@\"", "setsid -w \"$0\" \"$@\""])
        func requestGoesPastAWrapperToTheRanks(wrapper: String) throws {
            let folder = try TestFolder()
            let words = ["-c", wrapper, MPIRun.path(of: "trainer")]
            let run = folder.training(ranks: 2, epochs: 10_000)
            let launch = MPIRun(
                ranks: 2, "trainer", words + run.arguments,
                launcher: .command([Checkout.path(of: "launch/run"), "-n", "2", "--program", "bash"]), limit: 50)
            let running = try launch.start()
            try running.waitForAnEpoch()
            running.launcher.send(SIGTERM)
            let stop = try run.end(of: running)
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        @Test func runWhoseOutputNobodyReadsGoesOnAndKeepsItsCode() throws {
            let folder = try TestFolder()
            let script = "set -o pipefail; \"$@\" 2>&1 | head -n 1"
            let run = MPIRun(
                ranks: 2, "trainer", folder.training(ranks: 2, epochs: 6, ["--requeue-exit-code", "9"]).arguments,
                launcher: .script, prefix: ["bash", "-c", script, "bash"], limit: 120)
            let outcome = try run.run()
            #expect(outcome.exitCode == 0 && outcome.output.split(separator: "\n").count == 1, "\(outcome)")
            #expect(try SavedSet(in: folder.out, ranks: 2).manifest.checkpoint.progress.finished)
        }

        @Test func whatMpirunSaysOfItsOwnFailureIsShown() throws {
            var run = try TestFolder().training(ranks: 2)
            run.launcher = .script
            run.options = ["--mpirun-args", "-wdir /nowhere"]
            let outcome = try run.start().wait()
            #expect(outcome.errors.contains("Working directory: /nowhere\n"), "\(outcome)")
            #expect(outcome.errors.hasSuffix("launch/run: mpirun itself has failed, with code 135: see above\n"))
        }

        /// A code may look like a signal's, and mpirun does not always tell which it was.
        @Test(arguments: [
            (
                "kill -KILL $$",
                ["a rank was ended by signal KILL", "the ranks ended with code 137, as after signal KILL"]
            ),
            ("exit 132", ["the ranks ended with code 132, as after signal ILL"]),
            ("exit 3", ["the ranks ended with code 3"]),
        ])
        func endOfARankIsToldWithoutTheLinesOfMpirun(script: String, sentences: [String]) throws {
            let words = ["-n", "1", "--program", "bash", "--", "-c", script]
            let run = MPIRun(
                ranks: 1, "trainer", words, launcher: .command([Checkout.path(of: "launch/run")]), limit: 60)
            let outcome = try run.run()
            #expect(sentences.map { "launch/run: \($0)\n" }.contains(outcome.errors), "\(outcome)")
        }

        @Test(arguments: [
            (["run", "-n", "0"], "launch/run: -n is '0'; it must be a number of ranks, 1 or more\n"),
            (["run", "-n", "2", "--restarts"], "launch/run: --restarts needs a value; launch/run --help explains\n"),
            (
                ["run", "--package-path", "/"],
                "launch/run: --package-path needs --program, which names a program of that package\n"
            ),
            (
                ["run", "--program", "Curves", "--package-path", "/"],
                "launch/run: --package-path is '/', where no Package.swift can be read\n"
            ),
            (
                ["run", "--program", "no-such-program"],
                "launch/run: the program given to --program cannot be started: 'no-such-program' is neither a program of "
                    + "this package nor one in PATH, nor the path of one; for another package give --package-path too\n"
            ),
            (["doctor", "--fast"], "launch/doctor: there is no option --fast; launch/doctor --help explains\n"),
            (["stop"], "launch/stop: it needs the directory of a run; launch/stop --help explains\n"),
        ])
        func wrongCommandLineOfAScriptIsRefusedInOneSentence(words: [String], sentence: String) throws {
            let script = MPIRun.checkout.appending(path: "launch/\(words[0])").path(percentEncoded: false)
            let run = MPIRun(ranks: 1, "trainer", Array(words.dropFirst()), launcher: .command([script]), limit: 60)
            let outcome = try run.run()
            #expect(outcome.exitCode == Stopping.ExitStatus.usage.rawValue && outcome.errors == sentence, "\(outcome)")
        }

        /// mpirun ends with 1 then, which alone would look like a failure.
        @Test func runThatMpirunWasAskedToEndIsNotStartedAgain() throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 2, epochs: 10_000)
            run.launcher = .script
            // More time than the usual two seconds: what mpirun leaves by itself, PlainMpirunTests try.
            run.options = ["--restarts", "3", "--mpirun-args", "--mca odls_base_sigkill_timeout 3"]
            let running = try run.start()
            try running.waitForAnEpoch()
            try #require(running.launcher.descendants.first).send(SIGTERM)
            let outcome = try running.wait()
            #expect(outcome.exitCode == 1 && !outcome.errors.contains("restart 1"), "\(outcome)")
            _ = try SavedSet(in: folder.out, ranks: 2)
        }
    }
}
