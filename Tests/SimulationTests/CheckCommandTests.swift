import Foundation
import RankTestKit
import Testing

/// `simulate check` and its siblings as they are built, on the command line.
struct CheckCommandTests {
    @Test(arguments: [
        ("check --seeds 5...1", "The value '5...1' is invalid for '--seeds <range>'"),
        ("check --seeds -3", "Missing value for '--seeds <range>'"),
        ("check --seeds 1...2...3", "The value '1...2...3' is invalid for '--seeds <range>'"),
        ("check --seeds 0...18446744073709551615", "The value '0...18446744073709551615' is invalid for '--seeds"),
        ("check --ranks 6", "--ranks is 6; it must be a power of two from 1 to 65536"),
        ("check --ranks 131072", "--ranks is 131072; it must be a power of two from 1 to 65536"),
        ("check --jobs 0", "--jobs is 0; it must be from 1 to 256"),
        ("check --failures 0", "--failures is 0; it must be at least 1"),
        ("check --replay none", "The value 'none' is invalid for '--replay <seed>'"),
        ("check --mutant nobody", "there is no mutant 'nobody'; `simulate mutants --list` names them"),
        ("mutants --only 99", "there is no mutant 99; they are 1 to 27"),
        ("mutants --seeds 0", "--seeds is 0; it must be at least 1"),
        ("run", "Missing expected argument '--ranks <count>'"),
        ("run --ranks 0", "--ranks is 0; it must be from 1 to 100000"),
        ("run --ranks 2 --program nothing", "--program is nothing, and there is no program "),
    ])
    func whatMakesNoSenseCostsASentence(line: String, sentence: String) throws {
        let outcome = try CommandOutcome("simulate", line.components(separatedBy: " "))
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.output == "" && outcome.errors.hasPrefix("Error: \(sentence)"), "\(outcome)")
    }

    /// Another process has other hashes, and another address for everything.
    @Test func aReplayIsTheSameInEveryProcess() throws {
        let arguments = ["check", "--replay", "4", "--ranks", "4"]
        let first = try CommandOutcome("simulate", arguments)
        #expect(first.status == 0 && first.output.split(separator: "\n").count > 50, "\(first)")
        #expect(try CommandOutcome("simulate", arguments).output == first.output)
    }

    /// As a seed, a timeline, a trace and drills.
    @Test func aFailureIsMadeSmallAndShown() throws {
        let trace = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: trace) }
        let outcome = try CommandOutcome(
            "simulate",
            [
                "check", "--mutant", "namesBeforeManifest", "--seeds", "1...200", "--ranks", "4", "--failures", "1",
                "--trace",
                trace.path(percentEncoded: false),
            ])
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.output.firstMatch(of: /\nseed (\d+): (2|3|4) ranks/) != nil, "\(outcome)")
        #expect(outcome.output.contains(" s, turn ") && outcome.output.contains("VIOLATION: "), "\(outcome)")
        #expect(outcome.output.contains("\nrepeat it by: simulate check --replay "), "\(outcome)")
        #expect(outcome.output.contains("mpirun -n "), "\(outcome)")
        let events = try JSONSerialization.jsonObject(with: Data(contentsOf: trace)) as? [[String: Any]]
        #expect(events?.isEmpty == false && events?.allSatisfy { $0["ph"] as? String == "i" } == true)
    }
}
