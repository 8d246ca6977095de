import Foundation
import MPITestKit
import Stopping
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// Programs that are none of ours: they get the whole command line, and their mistakes cost one sentence.
    @Suite struct ProgramTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        @Test(
            arguments: [
                ("task", "the table has no column 'price'"),
                ("file", "/none/table.csv: The file doesn’t exist."),
                ("data", "there are no samples today"),
            ], [nil, 1])
        func errorOfATaskIsOneSentence(mistake: (String, String), rank: Int?) throws {
            try expectRefusal(["--mistake", mistake.0], on: rank, mistake.1, .configuration)
        }

        @Test(arguments: [nil, 1]) func nameOfATaskWithASlashIsRefused(rank: Int?) throws {
            let words =
                "the task is called 'my/model'; files are called by it, so it must be letters, digits, '.', '_' and '-', "
                + "and begin with a letter or a digit"
            try expectRefusal(["--mistake", "name"], on: rank, words, .configuration)
        }

        @Test(arguments: ["tests", "metrics", "callback"])
        func otherTaskOnOneRankIsRefused(mistake: String) throws {
            let outcome = try run(["--mistake", mistake, "--on-rank", "1", "--with-tests"], ranks: 2)
            #expect(outcome.exitCode == 78, "\(outcome)")
            #expect(outcome.errors.hasPrefix("cases: error: rank 1"), "\(outcome)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
        }

        @Test func errorOfACallbackEndsAllRanksWithOne() throws {
            let outcome = try run(["--mistake", "callback"], ranks: 2)
            #expect(outcome.exitCode == 1, "\(outcome)")
            #expect(outcome.errors == "cases: error: rank 0: the plot cannot be drawn\n", "\(outcome)")
        }

        @Test func argumentsThatOneRankRefusesEndAll() throws {
            let all = try run(["--mistake", "validation"], ranks: 2)
            #expect(all.exitCode == 64 && all.errors.hasPrefix("Error: this machine has no such table\n"), "\(all)")
            let one = try run(["--mistake", "validation", "--on-rank", "1"], ranks: 2)
            #expect(one.exitCode == 78, "\(one)")
            #expect(one.errors == "cases: error: rank 1: this machine has no such table\n", "\(one)")
        }

        @Test func whatNeedsTestSamplesIsRefusedWithoutThem() throws {
            for (words, option) in [
                (["--evaluate-every-steps", "2"], "--evaluate-every-steps"),
                (["--save-every-steps", "2", "--keep-best", "eval_loss"], "--keep-best eval_loss"),
            ] {
                let outcome = try run(words, ranks: 2)
                #expect(outcome.exitCode == 64, "\(outcome)")
                #expect(
                    outcome.errors.hasPrefix("Error: \(option) needs test samples, and Cases has none\n"), "\(outcome)")
            }
            let evaluation = try run(["evaluate"], ranks: 1)
            #expect(evaluation.exitCode == 64, "\(evaluation)")
        }

        @Test func commandsOfAProgramStandBesideOurs() throws {
            #expect(try run(["greet"], ranks: 1).output == "hello\n")
            #expect(try run(["count"], ranks: 3).output == "3 ranks\n")
            let help = try run(["--help"], ranks: 1).output
            for name in ["train", "evaluate", "export", "stop", "status", "greet", "count"] {
                #expect(help.contains("\n  \(name)"), "\(help)")
            }
            let training = try run(["--with-tests"], ranks: 2)
            #expect(training.exitCode == 0 && training.output.contains("loss 0."), "\(training)")
            let evaluation = try run(["evaluate", "--with-tests"], ranks: 1)
            #expect(evaluation.output.contains(" on 64 test samples\n"), "\(evaluation)")
            let status = try run(["status", folder.out.string, "--field", "step"], ranks: 1)
            #expect(status.output == "12\n", "\(status)")
        }

        /// The program says nothing of threads: the command line does.
        @Test(arguments: [0, 2]) func samplesAreLoadedByAsManyThreadsAsAreAskedFor(workers: Int) throws {
            let training = try run(["--tell-threads", "--workers", "\(workers)"], ranks: 2)
            #expect(training.exitCode == 0, "\(training)")
            #expect(training.output.contains("samples by another thread\n") == (workers > 0), "\(training)")
        }

        private func run(_ words: [String], ranks: Int) throws -> MPIRunOutcome {
            let isPlain = ["greet", "count", "status", "--help"].contains(words.first)
            let more = isPlain ? [] : ["--directory", folder.out.string]
            return try MPIRun(ranks: ranks, "ProgramCases", words + more, limit: 60).run()
        }

        private func expectRefusal(
            _ words: [String], on rank: Int?, _ sentence: String, _ status: Stopping.ExitStatus
        ) throws {
            let outcome = try run(words + (rank.map { ["--on-rank", "\($0)"] } ?? []), ranks: 2)
            #expect(outcome.exitCode == status.rawValue, "\(outcome)")
            let who = rank.map { "rank \($0): " } ?? ""
            #expect(outcome.errors == "cases: error: \(who)\(sentence)\n", "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: folder.out.string))
        }
    }
}
