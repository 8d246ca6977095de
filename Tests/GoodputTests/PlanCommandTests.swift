import Foundation
import Goodput
import RankTestKit
import Testing

/// `simulate plan` as it is built, on the command line.
struct PlanCommandTests {
    private func run(_ arguments: String...) throws -> CommandOutcome { try run(arguments) }

    private func run(_ arguments: [String]) throws -> CommandOutcome {
        try CommandOutcome("simulate", ["plan"] + arguments)
    }

    private let folder = FileManager.default.temporaryDirectory.appending(path: "plan-\(UUID().uuidString)")

    private func write(_ text: String, to name: String) throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path(percentEncoded: false)
    }

    private func removeFolder() { try? FileManager.default.removeItem(at: folder) }

    @Test(arguments: [
        (["--ranks", "0"], "the number of ranks is 0; it must be from 1 to 100000"),
        (["--ranks", "100001"], "the number of ranks is 100001; it must be from 1 to 100000"),
        (["--ranks-per-host=-8"], "the number of ranks on a host is -8; it must be from 1 to 100000"),
        (["--seed=-1"], "The value '-1' is invalid for '--seed <number>'"),
        (["--seed", "18446744073709551616"], "The value '18446744073709551616' is invalid for '--seed <number>'"),
        (["--step", "0s"], "the time of a step in seconds is 0; it must be above 0 s and at most 1000 years"),
        (["--step", "-1s"], "Missing value for '--step <duration>'"),
        (["--step", "nan"], "The value 'nan' is invalid for '--step <duration>'"),
        (["--state", "0"], "the size of the state in bytes is 0; it must be above 0 and at most 1e+18"),
        (["--state", "2000PB"], "the size of the state in bytes is 2e+18; it must be above 0 and at most 1e+18"),
        (["--state", "20XB"], "The value '20XB' is invalid for '--state <size>'"),
        (["--state", "1GB", "--state-per-rank", "1GB"], "give one of --state and --state-per-rank, not both"),
        (["--days", "nan"], "the number of days is nan; it must be from 0.01 to 3660"),
        (["--days", "1e300"], "the number of days is 1e+300; it must be from 0.01 to 3660"),
        (["--process-share", "2"], "the share of failures that end processes only is 2; it must be from 0 to 1"),
        (
            ["--flush-every", "0"],
            "the number of local saves for one to shared storage is 0; it must be from 1 to 1000000"
        ),
        (
            ["--interval", "0s"],
            "the interval between saves in seconds is 0; it must be above 0 s and at most 1000 years"
        ),
        (
            ["--strategy", "hourly"],
            "--strategy is 'hourly'; it must be one of integrated, sharded, sharded-async, integrated-local, "
                + "sharded-local, sharded-async-local"
        ),
        (
            ["--mtbf-per-host", "1s"],
            "the mean time between failures of the whole job in seconds is 0.125; it must be at least 10"
        ),
        (
            ["--trace", "t.json", "--mtbf-per-host", "9d"],
            "--trace and --mtbf-per-host exclude each other: the trace says when machines are lost"
        ),
        (["--history", "h.jsonl"], "--history needs --from, which says whose it is"),
    ])
    func whatMakesNoSenseCostsASentence(arguments: [String], sentence: String) throws {
        let outcome = try run(arguments)
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.output == "" && outcome.errors.hasPrefix("Error: \(sentence)"), "\(outcome)")
    }

    @Test func tracesAndRunsThatSayNothingAreRefused() throws {
        defer { removeFolder() }
        let gaps = try write(#"{"metadata": {"gap_seconds": 300}, "data": [8, null, 8]}"#, to: "gaps.json")
        let few = try write(#"{"metadata": {"gap_seconds": 300}, "data": [4, 0]}"#, to: "few.json")
        let none = folder.path(percentEncoded: false)
        for (arguments, sentence) in [
            (["--trace", gaps], "\(gaps): data[1] is null; a trace must have a number of machines at every tick"),
            (["--trace", few], "\(few): data has at most 4 machines; 64 ranks with 8 on a host need 8"),
            (["--trace", "/nonexistent"], "/nonexistent: the trace cannot be read: "),
            (["--from", none], "\(none) has no checkpoint; --from needs the directory of a run that has saved"),
        ] {
            let outcome = try run(arguments)
            #expect(outcome.status == 78, "\(outcome)")
            #expect(outcome.output == "" && outcome.errors.hasPrefix("Error: \(sentence)"), "\(outcome)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
        }
    }

    @Test func aPlanIsATableAJSONAndAPage() throws {
        defer { removeFolder() }
        let trace = try write(
            #"{"metadata": {"gap_seconds": 600}, "data": [2, 2, 2, 0, 2, 2, 1, 2, 2, 2, 2, 0]}"#, to: "trace.json")
        let page = folder.appending(path: "page.html")
        let arguments = ["--ranks", "16", "--trace", trace, "--notice", "30s", "--days", "7"]
        let table = try run(arguments + ["--html", page.path(percentEncoded: false)])
        #expect(table.status == 0 && table.errors == "", "\(table)")
        #expect(table.output.contains("16 ranks on 2 hosts") && table.output.contains("work that stays"))
        #expect(table.output.contains("A stop fits into the notice of 30 s: it takes up to 11.5 s with 16 ranks."))
        #expect(try String(contentsOf: page, encoding: .utf8).contains("Saving plan for 16 ranks on 2 hosts"))
        let json = try run(arguments + ["--json", "--interval", "90s"])
        let plan = try JSONDecoder().decode(Plan.self, from: Data(json.output.utf8))
        #expect(plan.ranks == 16 && plan.intervalSeconds == 90 && plan.strategies.count == 6)
        #expect(plan.account.lost == 0 && plan.account.waiting > 0, "each loss is announced in time")
        #expect(plan.day.number == 1)
        #expect(try run(arguments + ["--json", "--interval", "90s"]).output == json.output)
    }
}
