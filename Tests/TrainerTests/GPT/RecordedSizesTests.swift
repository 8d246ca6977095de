import Checkpoints
import Files
import Foundation
import MPITestKit
import Records
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// The sizes of a GPT stand in its sets, so that no other command needs them.
    @Suite struct RecordedSizesTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        private var out: [String] { ["--directory", folder.out.string] }

        private func run(_ words: [String], ranks: Int = 1) throws -> MPIRunOutcome {
            try TrainerRun(ranks: ranks, arguments: words + out).start().wait()
        }

        @Test func commandsNeedNoSizes() throws {
            try folder.gpt(dp: 2, tp: 2, epochs: 1).finish()
            for words in [
                ["generate", "--prompt", "war is ", "--count", "20", "--temperature", "0"], ["evaluate"],
            ] {
                let bare = try run(words)
                #expect(bare.exitCode == 0, "\(bare)")
                let spelled = try run(words + folder.gptArguments(), ranks: 2)
                #expect(bare.output == spelled.output, "\(bare) \(spelled)")
            }
            let path = folder.path.appending("net.mindir").string
            let set = folder.out.appending("GPT_train.manifest.json").string
            let export = try TrainerRun(ranks: 1, arguments: ["export", "--from", set, "--output", path]).start().wait()
            #expect(export.exitCode == 0, "\(export)")
        }

        @Test func whatIsGivenCounts() throws {
            try folder.gpt(dp: 1, tp: 1, epochs: 1).finish()
            let layers = try run(["evaluate", "--layers", "3"])
            #expect(layers.exitCode == 1 && layers.errors.contains("is of another model"), "\(layers)")
            let model = try run(["evaluate", "--model", "lenet5"])
            #expect(model.exitCode == 64, "\(model)")
            #expect(
                model.errors.hasPrefix("Error: \(folder.out) has no checkpoint LeNet5_train; train first"), "\(model)")
            // What the record and the command line say together must make sense.
            let heads = try run(["evaluate", "--heads", "5"])
            #expect(heads.exitCode == 64 && heads.errors.contains("heads"), "\(heads)")
            // A training says itself what it trains.
            let training = try run(["train", "--model", "gpt", "--steps", "1"])
            #expect(training.exitCode == 1, "\(training)")
        }

        @Test func keyProvesTheRecord() throws {
            try folder.writeKey("0123456789abcdef", to: "key")
            let key = ["--key-file", folder.path.appending("key").string]
            try folder.gpt(dp: 1, tp: 1, epochs: 1, key).finish()
            #expect(try run(["evaluate"] + key).exitCode == 0)
            let path = folder.url("out/GPT_train.manifest.json")
            let text = try String(contentsOf: path, encoding: .utf8)
            let forged = text.replacing("\"layers\" : [\n", with: "\"layers\" :  [\n")
            #expect(forged != text)
            try Data(forged.utf8).write(to: path)
            let outcome = try run(["evaluate", "--model", "gpt"] + key)
            #expect(outcome.exitCode != 0, "\(outcome)")
        }

        @Test func newestOfSeveralNetworksIsMeant() throws {
            try folder.gpt(dp: 1, tp: 1, epochs: 1).finish()
            try folder.training(ranks: 1, epochs: 1).finish()
            let newest = try run(["evaluate"])
            #expect(newest.output.contains("checkpoint LeNet5_train of step 4"), "\(newest)")
            let named = try run(["evaluate", "--model", "gpt"])
            #expect(named.output.contains("checkpoint GPT_train of step 20"), "\(named)")
            #expect(try run(["generate", "--count", "3"]).exitCode == 0)
        }

        @Test func recordBeyondSenseIsNoManifest() throws {
            try folder.gpt(dp: 1, tp: 1, epochs: 1).finish()
            let path = folder.out.appending("GPT_train.manifest.json")
            let manifest = try #require(try CheckpointDirectory(folder.out).manifest(named: "GPT_train"))
            #expect(manifest.checkpoint.record?.options?["layers"] == ["2"])
            #expect(manifest.checkpoint.record?.options?["tp"] == nil)
            let text = String(decoding: manifest.json, as: UTF8.self)
            for values in ["[\"\(String(repeating: "9", count: 5000))\"]", "[\"a\\u0000b\"]"] {
                let forged = text.replacing(/"layers" : \[\s*"2"\s*\]/, with: "\"layers\" : \(values)")
                #expect(forged != text)
                #expect(throws: CheckpointSetError.self) { try Manifest(json: Array(forged.utf8), path: path) }
            }
        }
    }
}
