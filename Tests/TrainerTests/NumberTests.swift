import Foundation
import MPITestKit
import Testing

extension MPITests.TrainerTests {
    /// Numbers of any size are done or refused, and never end the program in a trap.
    @Suite struct NumberTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        static let most = "9223372036854775807"

        @Test(arguments: [
            "--max-time 99999999999999999999d", "--max-time \(most)-00:00:00", "--max-time \(most):59:59",
            "--max-time 1h --grace 99999999999999999999d", "--hang-timeout 99999999999999999999d",
            "--save-every-steps 10 --keep-minutes \(most)", "--save-every-steps \(most) --keep-best accuracy",
            "--save-every-steps 1 --keep \(most) --keep-every \(most)", "--save-every-seconds 1e308",
            "--evaluate-every-steps \(most) --history h", "--drill slow@rank0:everystep:1ms",
        ])
        func largeNumbersAreWhatTheySay(options: String) throws {
            let outcome = try folder.shell("trainer --data data --epochs 1 --threads 1 \(options)")
            #expect(outcome.exitCode == 0, "\(outcome)")
        }

        @Test(arguments: [
            ("--epochs \(most)", "--epochs is \(most); it must be at most 2305843009213693951"),
            ("--batch-size \(most)", "--batch-size is \(most); it must be at most 1048576"),
            ("--accumulate \(most)", "--accumulate is \(most); it must be at most 1048576"),
            ("--threads \(most)", "--threads is \(most); it must be at most 4096"),
            ("--workers \(most)", "--workers is \(most); it must be from 0 to 64"),
            ("--dp \(most)", "a mesh of [\(most), 1] has more ranks than the 131072 that are allowed"),
            ("--model gpt --width 9223372036854775806 --heads 2", "which is too large for any machine"),
            ("--model gpt --layers \(most)", "which is too large for any machine"),
            ("--model gpt --length \(most)", "which is too large for any machine"),
            ("--model gpt --steps 99999999999999999999", "The value '99999999999999999999' is invalid"),
            ("--drill slow@rank0:\(most)s", "is no moment"), ("--weight-decay=nan", "--weight-decay is nan"),
            ("--learning-rate -1", "Error: --learning-rate is -1.0; it must be a finite number above 0"),
            ("--learning-rate -1e-3", "Error: --learning-rate is -0.001; it must be"),
            ("--clip -inf", "Error: --clip is -inf; it must be above 0"),
            ("--weight-decay=-1", "--weight-decay is -1.0; it must be a finite number from 0 on"),
            ("--weight-decay=inf", "--weight-decay is inf"), ("--directory ''", "--directory is empty"),
        ])
        func numbersBeyondSenseAreRefused(options: String, sentence: String) throws {
            let outcome = try folder.shell("trainer --data data \(options)")
            #expect(outcome.exitCode == 64 && outcome.errors.contains(sentence), "\(outcome)")
        }

        @Test(arguments: ["nan", "inf", "1e30", "-5", "", "soon"])
        func endOfAnAllocationThatIsNoTimeIsNone(end: String) throws {
            let outcome = try folder.shell(
                "trainer --data data --epochs 1 --threads 1", environment: ["SLURM_JOB_END_TIME": end])
            #expect(outcome.exitCode == 0 && outcome.output.contains("finished step"), "\(outcome)")
        }

        @Test func endThatIsPastIsCalledSo() throws {
            let outcome = try folder.shell(
                "trainer --data data --epochs 1 --threads 1", environment: ["SLURM_JOB_END_TIME": "1000"])
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.errors.contains(/the end of Slurm's allocation, which was [0-9.]+ s ago/), "\(outcome)")
        }

        @Test func stopInAMillionYearsIsARequest() throws {
            _ = try SavedSet(publishedIn: folder)
            let outcome = try folder.shell(
                "trainer stop out --in 99999999999999999999d; trainer stop out --list --json")
            #expect(outcome.exitCode == 0 && outcome.output.contains("\"delay\" : 31557600000"), "\(outcome)")
        }

        @Test func piecesOfAStepAreNoRanks() throws {
            let outcome = try folder.shell("trainer --data data --batch-size 16 --accumulate 3")
            #expect(outcome.exitCode == 78)
            #expect(
                outcome.errors.contains("a batch of 16 samples cannot be cut into 3 equal pieces; use a multiple of 3"))
        }

        @Test(arguments: [32, 33])
        func signalOfTheCLibraryIsRefused(signal: Int) throws {
            let outcome = try folder.shell("trainer --data data --stop-signal \(signal)")
            #expect(outcome.exitCode == 78)
            #expect(
                outcome.errors.contains("signal \(signal) cannot ask for a stop: the C library keeps it for itself"))
        }
    }
}
