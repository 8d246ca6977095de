import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// The same text from the same parameters, in whatever way they were saved.
    @Suite struct GenerateTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        @Test func setsOfAllKindsGiveTheSameText() throws {
            try folder.writeKey("0123456789abcdef", to: "key")
            let key = ["--key-file", folder.path.appending("key").string]
            let saves = ["--save-every-steps", "20"]
            // What stays when a run ends is sharded; CKP-1_20 is of the same step.
            try train(into: "plain", saves)
            try train(into: "encrypted", saves + ["--no-integrated-save"] + key)
            let text = try generate(from: "plain", ranks: 1, [])
            #expect(text.hasPrefix("war is ") && text.utf8.count == "war is ".utf8.count + 30 + 1)
            #expect(try generate(from: "plain", ranks: 2, ["--checkpoint", "CKP-1_20"]) == text)
            #expect(try generate(from: "encrypted", ranks: 1, key) == text)
            #expect(try generate(from: "encrypted", ranks: 1, key + ["--checkpoint", "CKP-1_20"]) == text)
        }

        @Test func whatIsMissingIsSaid() throws {
            try train(into: "plain", [])
            let out = folder.path.appending("plain")
            try generation(from: "plain", ranks: 1, ["--checkpoint", "CKP-1_9"]).expectUsageError(
                "\(out) has no checkpoint CKP-1_9; ckpt list shows what is there")
            let other = try generation(from: "plain", ranks: 1, ["--layers", "3"]).start().wait()
            #expect(other.exitCode == 1 && other.errors.contains("is of another model"), "\(other)")
        }

        private func train(into name: String, _ more: [String]) throws {
            let path = folder.path.appending(name)
            try folder.gpt(dp: 2, tp: 2, epochs: 1, into: path, more).finish()
        }

        private func generate(from name: String, ranks: Int, _ more: [String]) throws -> String {
            try generation(from: name, ranks: ranks, more).finish()
        }

        private func generation(from name: String, ranks: Int, _ more: [String]) throws -> TrainerRun {
            let path = folder.path.appending(name).string
            // After 20 steps the warmer the more bytes come that are no text.
            let what = [
                "generate", "--prompt", "war is ", "--count", "30", "--temperature", "0.3", "--directory", path,
            ]
            return TrainerRun(ranks: ranks, arguments: try what + folder.gptArguments() + more)
        }
    }
}
