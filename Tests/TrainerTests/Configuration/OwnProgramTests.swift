import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What a program of somebody else has of configuration files and of what its sets have on record.
    @Suite struct OwnProgramTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        private func run(_ words: [String], ranks: Int = 2) throws -> MPIRunOutcome {
            try MPIRun(ranks: ranks, "ProgramCases", words, limit: 60).run()
        }

        private var out: [String] { ["--directory", folder.out.string] }

        @Test func ownOptionsStandInItsFile() throws {
            try folder.write("tag: [a, -b]\nwidth: 3\nwith-tests: true\nsizes:\n  shift: -2.5\n", to: "run.yaml")
            let file = folder.path.appending("run.yaml").string
            let outcome = try run(["config", "--config", file, "-w", "4"], ranks: 1)
            #expect(outcome.exitCode == 0, "\(outcome)")
            for line in ["tag: [a, -b]", "width: 4", "with-tests: true", "sizes:\n  shift: -2.5"] {
                #expect(outcome.output.contains("\n\(line)\n"), "\(line) \(outcome)")
            }
            let training = try run(["--config", file] + out)
            #expect(training.exitCode == 0, "\(training)")
            let counted = try run(["count", "--config", file], ranks: 3)
            #expect(counted.output == "3 ranks\n", "\(counted)")
        }

        @Test func negativeNumberIsAValue() throws {
            let outcome = try run(["config", "--shift", "-2.5", "--tag", "-1", "--tag", "-.5"], ranks: 1)
            #expect(outcome.output.contains("\n  shift: -2.5\n"), "\(outcome)")
            #expect(outcome.output.contains("\ntag: [-1, -.5]\n"), "\(outcome)")
            let refused = try run(["--shift", "-11"])
            #expect(
                refused.exitCode == 64 && refused.errors.hasPrefix("Error: --shift is -11.0; it must be from -10 to 10")
            )
            let unknown = try run(["--shift", "-x"], ranks: 1)
            #expect(unknown.exitCode == 64, "\(unknown)")
        }

        @Test func sizesOfTheNetworkAreOnRecord() throws {
            let training = try run(["--width", "5", "--with-tests"] + out)
            #expect(training.exitCode == 0, "\(training)")
            let evaluation = try run(["evaluate"] + out, ranks: 1)
            #expect(evaluation.exitCode == 0 && evaluation.output.contains(" on 64 test samples\n"), "\(evaluation)")
            let path = folder.path.appending("net.mindir").string
            let set = folder.out.appending("Cases_train.manifest.json").string
            let export = try run(["export", "--from", set, "--output", path], ranks: 1)
            #expect(export.exitCode == 0, "\(export)")
            let show = try run(["show"] + out, ranks: 1)
            #expect(show.output == "5 wide\n", "\(show)")
            // What is given counts.
            let other = try run(["evaluate", "--width", "6"] + out, ranks: 1)
            #expect(other.exitCode == 1 && other.errors.contains("is of another model"), "\(other)")
            let again = try run(["--with-tests", "--epochs", "4"] + out)
            #expect(again.exitCode != 0 && again.errors.contains("another model"), "\(again)")
        }

        @Test func metricOfTheProgramKeepsTheBest() throws {
            let save = ["--save-every-steps", "4", "--with-tests", "--keep-best"]
            let training = try run(save + ["error:highest"] + out)
            #expect(training.exitCode == 0, "\(training)")
            let manifests = try FileManager.default.contentsOfDirectory(atPath: folder.out.string).filter {
                $0.hasPrefix("CKP-") && $0.hasSuffix(".manifest.json")
            }
            let rule = try #require(manifests.first)
            let text = try String(contentsOf: folder.url("out/\(rule)"), encoding: .utf8)
            #expect(text.contains("\"metric\" : \"error\"") && text.contains("\"order\" : \"max\""), "\(text)")
            let unknown = try run(save + ["f1"] + out)
            #expect(unknown.exitCode == 64, "\(unknown)")
            #expect(
                unknown.errors.hasPrefix("Error: --keep-best is f1; of Cases is measured: error, eval_loss, loss\n"),
                "\(unknown)")
        }
    }
}
