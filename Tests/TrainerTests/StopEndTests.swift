import Checkpoints
import Foundation
import Glibc
import MPITestKit
import Stopping
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// Other ways to ask than signals, and the codes with which runs then end.
    @Suite struct StopEndTests {
        @Test func haltRequestOfTheCommandLineStopsAllRanks() throws {
            let folder = try TestFolder()
            let stop = try folder.training(ranks: 2, epochs: 100_000).stop { _ in
                let output = try folder.ask(["--after-checkpoints", "9"])
                let id = try #require(output.firstMatch(of: /request ([0-9a-f-]+):/)?.1)
                #expect(try folder.ask(["--list"]).hasPrefix("\(id)  after 9 more checkpoints, by "))
                #expect(try folder.ask(["--withdraw", String(id)]) == "request \(id) is withdrawn\n")
                #expect(try folder.ask(["--list"]) == "no requests\n")
                try folder.ask(["--reason", "maintenance"])
            }
            #expect(stop.reason == "a halt request")
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
            #expect(try folder.ask(["--list"]) == "no requests\n")
        }

        @Test(
            arguments: [
                (["--after-step", "0"], "--after-step is 0; it must be at least 1"),
                (["--in", "10"], "The value '10' is invalid for '--in <duration>'"),
                (["--after-step", "1", "--in", "10m"], "give one of --after-step, --after-checkpoints, --at and --in"),
                (["--withdraw", "x"], "has no request x: it was withdrawn or has taken effect; see --list"),
            ])
        func wrongRequestIsRefusedInOneSentence(wrong: [String], sentence: String) throws {
            let folder = try TestFolder()
            _ = try SavedSet(publishedIn: folder)
            let (code, _, errors) = try folder.command(["stop", folder.out.string] + wrong)
            #expect(code == 64 && errors.contains(sentence), "\(errors)")
        }

        @Test func directoryOfNoRunIsRefused() throws {
            let folder = try TestFolder()
            let (code, _, errors) = try folder.command(["stop", folder.data.string])
            #expect(code == 64 && errors.contains("\(folder.data) is the directory of no run"), "\(errors)")
        }

        /// By `--max-time`, and by what Slurm says of its allocation.
        @Test(arguments: [["--max-time", "2s"], []])
        func deadlineStopsWithTheCodeForSchedulers(arguments: [String]) throws {
            let folder = try TestFolder()
            let slurm = ["SLURM_JOB_END_TIME": "\(Int(Date().timeIntervalSince1970) + 62)"]
            let run = MPIRun(
                ranks: 2, "trainer",
                folder.training(ranks: 2, epochs: 100_000, arguments + ["--requeue-exit-code", "99"]).arguments,
                environment: arguments.isEmpty ? slurm : [:])
            let outcome = try run.run()
            #expect(outcome.exitCode == 99, "\(outcome)")
            let status = try #require(RunStatus.read(in: folder.out))
            #expect(status.state == .stopped && status.reason == "the deadline" && status.resumable)
            #expect(try SavedSet(in: folder.out, ranks: 2).stepNumber == status.step)
        }

        /// Killed, mpirun leaves its ranks behind; nobody tells them to stop, and what they print goes nowhere.
        @Test(arguments: [1, 4])
        func ranksOfAKilledLauncherSaveAndLeave(ranks: Int) throws {
            let folder = try TestFolder()
            let running = try folder.training(ranks: ranks, epochs: 100_000).start()
            try running.waitForAnEpoch()
            running.launcher.send(SIGKILL)
            #expect(try running.wait().exitCode == 128 + SIGKILL)
            let begin = ContinuousClock.now
            // Nobody tells of the end of a process that is no child.
            while RunStatus.read(in: folder.out)?.state != .stopped, begin.duration(to: .now) < .seconds(120) {
                usleep(10_000)
            }
            let status = try #require(RunStatus.read(in: folder.out))
            #expect(status.state == .stopped && status.reason == "the end of its launcher", "\(status)")
            #expect(try SavedSet(in: folder.out, ranks: ranks).stepNumber == status.step)
        }

        @Test func quitLeavesAtOnceAndThePreviousSetStays() throws {
            let folder = try TestFolder()
            let saved = try SavedSet(publishedIn: folder)
            let running = try folder.training(ranks: 4, epochs: 100_000).start()
            try running.waitForAnEpoch()
            try running.process(ofRank: 2).send(SIGQUIT)
            let outcome = try running.wait()
            #expect(outcome.exitCode == Stopping.ExitStatus.forced.rawValue, "\(outcome)")
            #expect(outcome.errors.contains("rank 2 (process "), "\(outcome)")
            // A launcher that ends the others gives notice, but one rank is missing: they cannot publish.
            #expect(try SavedSet(in: folder.out, ranks: 1).manifest == saved.manifest)
        }

        @Test(.enabled(if: SmallDisk.isAllowed, "a full disk is not tried: only root may mount a small one"))
        func stopThatCannotSaveHasACodeOfItsOwn() throws {
            let (folder, disk) = try (TestFolder(), SmallDisk(kilobytes: 64))
            let running = try folder.training(ranks: 2, epochs: 100_000, ["--directory", disk.path.string]).start()
            try running.waitForAnEpoch()
            try running.process(ofRank: 1).send(SIGTERM)
            let outcome = try running.wait()
            #expect(outcome.exitCode == Stopping.ExitStatus.saveFailed.rawValue, "\(outcome)")
            #expect(outcome.errors.contains("No space left on device"), "\(outcome)")
        }

        @Test func runThatIsLongerThanAskedForIsNotMadeShorter() throws {
            let folder = try TestFolder()
            try folder.training(ranks: 2, epochs: 3).finish()
            let output = try folder.training(ranks: 2, epochs: 2).finish()
            #expect(output.contains("LeNet5_train has made 12 steps already, and 8 are asked for\n"), "\(output)")
            #expect(output.contains("no step was made; to train further, ask for more epochs\n"), "\(output)")
        }
    }
}

extension TestFolder {
    /// Runs `trainer stop` on the run of this folder, which must work, and returns what it printed.
    @discardableResult
    fileprivate func ask(_ arguments: [String]) throws -> String {
        let (code, output, errors) = try command(["stop", out.string] + arguments)
        try #require(code == 0, "\(errors)")
        return output
    }

    /// Runs the trainer by itself.
    fileprivate func command(_ arguments: [String]) throws -> (code: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(filePath: MPIRun.path(of: "trainer"))
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let texts = [output, errors].map {
            String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        return (process.terminationStatus, texts[0], texts[1])
    }
}
