import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What `report` says of launches under mpirun, and who is named as slow.
    @Suite struct ReportTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        /// Rank 2 of 4 sleeps in each step; the others are as slow as the machine happens to be.
        @Test func theSlowRankIsNamedAndNoOther() throws {
            let words = ["--drill", "slow@rank2:200ms", "--slow-after", "2s", "--max-time", "25s"]
            let outcome = try folder.training(ranks: 4, epochs: 10_000, words).start().wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            let named = outcome.errors.split(separator: "\n").filter { $0.contains("is slow:") }
            #expect(named.count == 1 && named[0].contains(" rank 2 on "), "\(outcome)")
            let report = try report()
            #expect(report.contains("\nslow: rank 2 on "), "\(report)")
            #expect(report.contains("  waiting ") && report.contains("stopped: the deadline"), "\(report)")
        }

        /// A launch that is stopped, one that is killed, and one that comes to the end.
        @Test func launchesAreAddedUp() throws {
            let run = folder.training(ranks: 2, epochs: 4, ["--save-every-steps", "4"])
            _ = try run.stop(by: SIGTERM, toRank: 1, inStep: 6)
            var killed = run
            killed.arguments += ["--drill", "kill@rank1:step11"]
            #expect(try killed.start().wait().exitCode != 0)
            try run.finish()
            let lines = try report().split(separator: "\n")
            let launches = lines.filter { $0.hasPrefix("launch ") }
            #expect(launches.count == 3 && lines[0].contains("3 launches"), "\(lines)")
            #expect(launches[0].contains("steps 1 to 6 in") && launches[0].contains("stopped: a signal (SIGTERM)"))
            #expect(launches[1].contains("killed or lost, for it left no word"), "\(lines)")
            #expect(launches[2].hasSuffix("finished") && launches[2].contains("steps 9 to "), "\(lines)")
            #expect(try report(["--json"]).contains("\"goodput\" : 0."))
        }

        @Test func whatHasNoAccountIsRefusedInOneSentence() throws {
            let words = [MPIRun.path(of: "trainer"), "report", "/nowhere"]
            let outcome = try MPIRun(ranks: 1, "trainer", launcher: .command(words)).run()
            #expect(outcome.exitCode == 64, "\(outcome)")
            #expect(
                outcome.errors.contains("/nowhere has no account of a run: there is no account.jsonl in it"),
                "\(outcome)")
        }

        @Test func aFileGivesNotice() throws {
            let file = folder.path.appending("notice").string
            let run = folder.training(ranks: 2, epochs: 10_000, ["--notice-file", file])
            let stop = try run.stop { _ in try Data("100 maintenance\n".utf8).write(to: URL(filePath: file)) }
            #expect(stop.reason == "a notice for its machine" && stop.rank == 0, "\(stop)")
        }

        @Test(arguments: [
            (
                ["--notice", "ibm"],
                "The value 'ibm' is invalid for '--notice <aws|gcp|azure>'. Please provide one of 'aws', 'gcp' or 'azure'."
            ),
            (
                ["--notice-address", "localhost"],
                "--notice-address is the address of one service; give one --notice with it"
            ),
            (
                ["--notice", "aws", "--notice-address", "a:b"],
                "The value 'a:b' is invalid for '--notice-address <host:port>'"
            ),
            (["--notice-command", ""], "--notice-command is empty; it must be a command"),
            (["--notice-file", ""], "--notice-file is empty; it must be a file"),
            (["--slow-factor", "1"], "--slow-factor is 1.0; it must be above 1"),
            (["--slow-after", "0s"], "--slow-after is 0; it must be more"),
        ])
        func wrongOptions(wrong: ([String], String)) throws {
            try folder.training(ranks: 2, wrong.0).expectUsageError(wrong.1)
        }

        private func report(_ more: [String] = []) throws -> String {
            let words = [MPIRun.path(of: "trainer"), "report", folder.out.string] + more
            let outcome = try MPIRun(ranks: 1, "trainer", launcher: .command(words)).run()
            #expect(outcome.exitCode == 0, "\(outcome)")
            return outcome.output
        }
    }
}
