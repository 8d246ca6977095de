import Foundation
import MPITestKit
import Stopping
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// Runs of several ranks whose options stand in a file.
    @Suite struct ConfiguredRunTests {
        private let folder: TestFolder
        private let file: String

        init() throws {
            folder = try TestFolder()
            file = folder.path.appending("run.yaml").string
            try folder.write(
                """
                data: \(folder.data)
                directory: \(folder.out)
                epochs: 4
                checkpoints: {save-every-steps: 4, keep: 2}
                generate: {count: 7}
                """, to: "run.yaml")
        }

        private var kept: String { folder.out.appending("config.yaml").string }

        private func run(_ words: [String], ranks: Int = 4) -> TrainerRun { TrainerRun(ranks: ranks, arguments: words) }

        @Test func runOfAFileKeepsWhatItCameToAndIsMadeAgainByThat() throws {
            let first = try run(["--config", file, "--epochs", "2"]).finish()
            #expect(first.contains("all 4 ranks finished step 8 of 8"), "\(first)")
            let text = try String(contentsOfFile: kept, encoding: .utf8)
            for line in ["epochs: 2", "  keep: 2", "seed: 1", "directory: \(folder.out)"] {
                #expect(text.contains("\n\(line)\n"), "\(text)")
            }
            let again = try run(["--config", kept, "--epochs", "3"]).finish()
            #expect(again.contains("carrying on from LeNet5_train after step 8 of 12"), "\(again)")
            #expect(try String(contentsOfFile: kept, encoding: .utf8) == text.replacing("epochs: 2", with: "epochs: 3"))
            // A file of a training says where to evaluate too.
            let evaluation = try run(["evaluate", "--config", kept], ranks: 2).finish()
            #expect(evaluation.contains("on 48 test samples"), "\(evaluation)")
        }

        @Test func runThatIsRefusedChangesNothing() throws {
            try run(["--config", file, "--epochs", "2"]).finish()
            let text = try String(contentsOfFile: kept, encoding: .utf8)
            let refused = try run(["--config", file, "--epochs", "3", "--learning-rate", "0.5"]).start().wait()
            #expect(refused.exitCode != 0 && refused.errors.contains("learning-rate"), "\(refused)")
            #expect(try String(contentsOfFile: kept, encoding: .utf8) == text)
        }

        @Test func whatSomebodyHasWrittenThereStays() throws {
            try FileManager.default.createDirectory(atPath: folder.out.string, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: file, toPath: kept)
            try run(["--config", kept, "--epochs", "1"]).finish()
            #expect(try Data(contentsOf: URL(filePath: kept)) == Data(contentsOf: URL(filePath: file)))
        }

        @Test(arguments: [1, 4]) func refusalIsOneSentenceOfAllRanks(ranks: Int) throws {
            try folder.write("epoch: 4\n", to: "run.yaml")
            try run(["--config", file], ranks: ranks).expectRefusal(
                "\(file), line 1: no option is called 'epoch'; the nearest is 'epochs'", .configuration)
            let none = "\(folder.path)/none.yaml"
            let missing = run(["--config", none], ranks: ranks)
            try missing.expectRefusal(
                "\(missing.told(by: 0))cannot open \(none): No such file or directory", .configuration)
            #expect(!FileManager.default.fileExists(atPath: folder.out.string))
        }

        @Test func optionOfTheOtherModelIsSaidOfItsLine() throws {
            try folder.write("data: \(folder.data)\ngpt: {layers: 4}\n", to: "run.yaml")
            try run(["--config", file, "--directory", folder.out.string], ranks: 2).expectRefusal(
                "\(file), line 2: --layers is not for lenet5, which has no such thing; leave it out", .configuration)
        }

        @Test func keyIsNeverWritten() throws {
            try folder.writeKey("0123456789abcdef", to: "key")
            let key = folder.path.appending("key").string
            try run(["--config", file, "--epochs", "1", "--key-file", key], ranks: 2).finish()
            let text = try String(contentsOfFile: kept, encoding: .utf8)
            #expect(text.contains("key-file: \(key)\n") && !text.contains("0123456789abcdef"), "\(text)")
        }

        /// GracefulExit's file is another one.
        @Test func fileOfMindSporesExitIsNamedAsEver() throws {
            try folder.write("{\"GracefulExit\": 0}", to: "exit.json")
            let path = folder.path.appending("exit.json").string
            try run(["--config", file, "--epochs", "1", "--config-file", path], ranks: 2).finish()
            #expect(try String(contentsOfFile: kept, encoding: .utf8).contains("config-file: \(path)\n"))
        }
    }
}
