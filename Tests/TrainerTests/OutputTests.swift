import Foundation
import MPITestKit
import Stopping
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// Output that cannot be written, and streams that are not there, change no code and damage nothing.
    @Suite struct OutputTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        @Test(arguments: ["2>/dev/full", "2>&-", "<&- >&- 2>&-", "2> >(exec true)"])
        func wrongCommandLineHasItsCode(redirection: String) throws {
            #expect(try folder.shell("trainer --nope \(redirection)").exitCode == 64)
            #expect(try folder.shell("trainer stop /nonexistent \(redirection)").exitCode == 64)
        }

        @Test(arguments: [">/dev/full", ">&-"])
        func helpThatCannotBeWrittenIsAnError(redirection: String) throws {
            let outcome = try folder.shell("trainer --help \(redirection)")
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.hasPrefix("trainer: error: cannot write to standard output: "), "\(outcome)")
        }

        @Test func generatingEndsQuietlyWithItsReaderAndInASentenceOnAFullDisk() throws {
            try folder.write(String(repeating: "to be or not to be ", count: 200), to: "text")
            let tiny = "--model gpt --layers 1 --width 8 --heads 1 --length 8 --threads 1 --directory g"
            let training = try folder.shell("trainer --data text --steps 2 --batch-size 2 \(tiny)")
            try #require(training.exitCode == 0, "\(training)")
            let reader = "trainer generate \(tiny) --count 100000 | head -c 5 | wc -c; exit ${PIPESTATUS[0]}"
            let quiet = try folder.shell(reader)
            #expect(quiet.exitCode == 0 && quiet.errors == "" && quiet.output == "5\n", "\(quiet)")
            let full = try folder.shell("trainer generate \(tiny) --count 9 >/dev/full")
            #expect(full.exitCode == 1)
            #expect(full.errors == "trainer: error: cannot write to standard output: No space left on device\n")
        }

        /// The numbers of closed streams would be those of a checkpoint, which the log would be written into.
        @Test(arguments: ["<&- >&- 2>&-", ">/dev/full 2>/dev/full", "> >(exec true) 2> >(exec true)"])
        func runWhoseStreamsAreBrokenSavesTheSame(redirection: String) throws {
            let options = "--data data --epochs 1 --threads 1 --save-every-steps 1 --directory"
            let right = try folder.shell("trainer \(options) right")
            try #require(right.exitCode == 0, "\(right)")
            let broken = try folder.shell("trainer \(options) broken \(redirection)")
            #expect(broken.exitCode == 0, "\(broken)")
            let file = "rank_0/LeNet5_train.ckpt"
            #expect(
                try Data(contentsOf: folder.url("broken/\(file)")) == Data(contentsOf: folder.url("right/\(file)")))
            _ = try SavedSet(in: folder.path.appending("broken"), ranks: 1)
        }

        /// A reader that has stopped reading fills the pipe; the stop is made all the same.
        @Test func runWhoseLogNobodyReadsStops() throws {
            let script = """
                mkfifo log; exec 3<>log; head -c 65536 /dev/zero >&3
                trainer --data data --epochs 1000000 --threads 1 --max-time 2s --directory out >&3 2>&3
                """
            #expect(try folder.shell(script).exitCode == 0)
            #expect(RunStatus.read(in: folder.out)?.state == .stopped)
        }

        /// The second rank is stopped in the middle; the first finds that out and cannot say it.
        @Test func watchdogEndsARunWhoseLogIsFull() throws {
            var run = folder.training(ranks: 2, epochs: 100_000, ["--hang-timeout", "1s"])
            run.prefix = []
            run = run.pausing(rank: 1, beforeStep: 3)
            let words = ["bash", "-c", "exec \"$@\" 2>/dev/full", "bash"]
            let mpirun = MPIRun(
                ranks: 2, "trainer", run.arguments, prefix: words, limit: 60)
            let outcome = try mpirun.run()
            #expect(outcome.exitCode == 75, "\(outcome)")
            #expect(RunStatus.read(in: folder.out)?.state == .failed)
        }
    }
}
