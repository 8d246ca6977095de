import Checkpoints
import Files
import Foundation
import MPITestKit
import MindIR
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// `trainer export`, and `trainer evaluate --from`.
    @Suite struct ExportTests {
        private let folder: TestFolder
        private let set: SavedSet

        init() throws {
            folder = try TestFolder()
            set = try SavedSet(publishedIn: folder)
        }

        private var checkpoint: String { folder.out.appending("rank_0/LeNet5_train.ckpt").string }

        private func export(_ arguments: [String], ranks: Int = 1) -> TrainerRun {
            TrainerRun(ranks: ranks, arguments: ["export"] + arguments)
        }

        private func read(_ name: String) throws -> MindIRReader { try MindIRReader(folder.path.appending(name)) }

        @Test(arguments: [1, 2]) func aSetAndAFileGiveTheSameNetwork(ranks: Int) throws {
            let manifest = folder.out.appending("LeNet5_train.manifest.json").string
            let output = folder.path.appending("a.mindir").string
            let said = try export(["--from", manifest, "--output", output], ranks: ranks).finish()
            #expect(said == "checkpoint LeNet5_train of step 4, written to \(output)\n")
            let again = folder.path.appending("b.mindir").string
            try export(["--from", checkpoint, "--output", again], ranks: ranks).finish()
            #expect(try Data(contentsOf: folder.url("a.mindir")) == Data(contentsOf: folder.url("b.mindir")))
            #expect(try read("a.mindir").inputs.map(\.description) == ["image Float32[-1, 1, 32, 32]"])
        }

        @Test func aNetworkIsExportedAgainForAnotherBatch() throws {
            let (first, second) = (folder.path.appending("a.mindir").string, folder.path.appending("b.mindir").string)
            try export(["--from", checkpoint, "--output", first]).finish()
            try export(["--from", first, "--output", second, "--batch-size", "5", "--include-loss"]).finish()
            let reader = try read("b.mindir")
            #expect(reader.inputs.map(\.dimensions) == [[5, 1, 32, 32], [5]])
            #expect(reader.outputs.map(\.dimensions) == [[]])
        }

        @Test func anExportedNetworkIsMeasuredLikeItsCheckpoint() throws {
            let path = folder.path.appending("a.mindir").string
            try export(["--from", checkpoint, "--output", path]).finish()
            let ofCheckpoint = try folder.evaluation(ranks: 1).finish().split(separator: "\n")
            let ofNetwork = try folder.evaluation(ranks: 2, ["--from", path]).finish().split(separator: "\n")
            #expect(ofNetwork == ["network \(path)", ofCheckpoint[1]])
        }

        /// A byte of a parameter is another one than when the set was saved: the file's form tells nothing of it.
        @Test func aFileOfASetMustBeWhatItsManifestSays() throws {
            let folder = try TestFolder()
            _ = try SavedSet(publishedIn: folder, withNetwork: true)
            let network = folder.out.appending("rank_0/LeNet5_train.mindir").string
            let checkpoint = folder.out.appending("rank_0/LeNet5_train.ckpt").string
            try export(["--from", network, "--output", folder.path.appending("a.mindir").string]).finish()
            for file in [network, checkpoint] {
                var bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
                bytes[bytes.count / 2] ^= 1
                try FileManager.default.removeItem(atPath: file)
                try Data(bytes).write(to: URL(filePath: file))
                let runs = [
                    export(["--from", file, "--output", folder.path.appending("b.mindir").string]),
                    folder.evaluation(ranks: 1, ["--from", file]),
                ]
                for run in runs {
                    let outcome = try run.start().wait()
                    #expect(outcome.exitCode != 0 && outcome.errors.contains("\(file) is damaged: "), "\(outcome)")
                }
            }
        }

        @Test func whatCannotBeExportedCostsOneSentence() throws {
            let path = folder.path.appending("a.mindir").string
            let arguments = ["--from", checkpoint, "--output", path]
            try export(arguments).finish()
            try export(arguments).expectUsageError("\(path) is there already; --force replaces it")
            try export(arguments + ["--force"]).finish()
            let name = folder.path.appending("a.onnx").string
            try export(["--from", checkpoint, "--output", name]).expectUsageError(
                "--output is \(name); its name must end in .mindir, or MindSpore would not load it")
            try export(arguments + ["--batch-size", "0"]).expectUsageError(
                "The value '0' is invalid for '--batch-size <number|free>'")
        }

        /// The network would take 3 GB, and drawing its first values the better part of a minute.
        @Test func whatHeadersTellIsSaidBeforeAnyMemoryIsTaken() throws {
            let large = ["--model", "gpt", "--layers", "15", "--width", "2048", "--heads", "16"]
            let output = ["--output", folder.path.appending("a.mindir").string]
            let missing = folder.path.appending("missing.ckpt").string
            try export(["--from", missing] + output + large).expectRefusal(
                "cannot open \(missing): No such file or directory")
            try export(["--from", checkpoint] + output + large).expectRefusal(
                "\(checkpoint) has no parameter position_table, which the network has")
            // MindSpore loads no message of 2 GiB: it is told before the file is looked for.
            let all = ["--external-data-limit", "8000000000"]
            let outcome = try export(["--from", missing] + output + large + all).start().wait()
            #expect(outcome.errors.hasPrefix("trainer: error: the .mindir file would have 3"), "\(outcome)")
        }

        @Test func filesOfOtherNetworksAreRefused() throws {
            let gpt = ["--model", "gpt", "--layers", "1", "--width", "8", "--heads", "1", "--length", "8"]
            try export(["--from", checkpoint, "--output", folder.path.appending("a.mindir").string] + gpt)
                .expectRefusal("\(checkpoint) has no parameter position_table, which the network has")
        }
    }
}
