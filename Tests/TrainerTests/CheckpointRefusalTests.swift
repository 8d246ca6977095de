import Checkpoints
import Files
import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// A checkpoint that cannot be carried on from is refused in a sentence, and stays as it is.
    @Suite struct CheckpointRefusalTests {
        private let folder: TestFolder
        private let saved: SavedSet
        private let state = "out/rank_0/LeNet5_train.ckpt"

        init() throws {
            folder = try TestFolder()
            saved = try SavedSet(publishedIn: folder)
        }

        @Test(arguments: [1, 4])
        func flippedByte(ranks: Int) throws {
            var bytes = [UInt8](saved.state)
            bytes[bytes.count / 2] ^= 1
            try replace(state, with: bytes)
            var checksum = Checksum()
            checksum.update(bytes.span)
            try expectDamage(
                "its checksum is \(checksum.hexadecimal), and its manifest says \(saved.manifest.files[0].xxh3)",
                ranks: ranks)
        }

        @Test(arguments: [1, 4])
        func truncatedFile(ranks: Int) throws {
            try replace(state, with: [UInt8](saved.state.dropLast(5)))
            try expectDamage(
                "it has \(saved.state.count - 5) bytes, and its manifest says \(saved.state.count)", ranks: ranks)
        }

        @Test(arguments: [1, 4])
        func halfAManifest(ranks: Int) throws {
            let manifest = "out/LeNet5_train.manifest.json"
            try replace(manifest, with: [UInt8](saved.manifest.json.prefix(100)))
            let run = folder.training(ranks: ranks)
            try run.expectRefusal(
                "no checkpoint in \(folder.out) can be used: \(folder.path.appending(manifest)) "
                    + "is no manifest that can be read: it is no JSON")
        }

        @Test(arguments: [1, 4])
        func otherModel(ranks: Int) throws {
            let other = try TestFolder()
            let theirs = try SavedSet(publishedIn: other, classes: 12)
            let run = other.training(ranks: ranks)
            let (found, expected) = (theirs.manifest.checkpoint.model, saved.manifest.checkpoint.model)
            #expect(found.wholeMatch(of: /LeNet5 with [0-9]+ parameters \([0-9a-f]{16}\)/) != nil && found != expected)
            try run.expectRefusal(
                "\(run.told(by: 0))checkpoint LeNet5_train is of another model: \(found) instead of \(expected)")
            #expect(try SavedSet(in: other.out, ranks: 1).manifest == theirs.manifest)
        }

        @Test(
            arguments: [
                (
                    ["--batch-size", "16"],
                    "the checkpoint was saved with a batch of 32 samples, not 16; resume with the same batch"
                ),
                (
                    ["--seed", "2"],
                    "checkpoint LeNet5_train was saved with other settings: seed is 2 and was 1; give what was given then, "
                        + "or allow it by --allow-change seed"
                ),
            ], [1, 4])
        func otherRun(other: ([String], String), ranks: Int) throws {
            let run = folder.training(ranks: ranks, other.0)
            try run.expectRefusal("\(run.told(by: 0))\(other.1)")
            #expect(try SavedSet(in: folder.out, ranks: 1).manifest == saved.manifest)
        }

        /// Samples of the same shapes and number, and a setting.
        @Test(arguments: [1, 2])
        func otherSamplesAndSettings(ranks: Int) throws {
            try folder.training(ranks: 1, epochs: 1, ["--resume", "never"]).finish()
            let first = try SavedSet(in: folder.out, ranks: 1)
            let other = try TestFolder(labelShift: 1)
            let run = other.training(ranks: ranks, ["--directory", folder.out.string, "--momentum", "0.5"])
            let outcome = try run.start().wait()
            #expect(outcome.exitCode == 1, "\(outcome)")
            let sentence = try Regex(
                "trainer: error: \(run.told(by: 0))checkpoint LeNet5_train was saved with other settings: "
                    + "data is 128 samples \\([0-9a-f]+\\) and was 128 samples \\([0-9a-f]+\\), "
                    + "and momentum is 0.5 and was 0.9; give what was given then, or allow it by "
                    + "--allow-change data --allow-change momentum\n")
            #expect(outcome.errors.wholeMatch(of: sentence) != nil, "\(outcome)")
            #expect(try SavedSet(in: folder.out, ranks: 1).manifest == first.manifest)
            var allowed = run
            allowed.arguments += ["--allow-change", "data", "--allow-change", "momentum", "--epochs", "2"]
            let output = try allowed.finish()
            #expect(
                output.contains("momentum is 0.5 and was 0.9\n") && output.contains("schedule-steps is 8 and was 4\n"))
        }

        /// The way out of any of these.
        @Test func beginningAnewIsPossible() throws {
            try replace(state, with: [1])
            let output = try folder.training(ranks: 2, epochs: 1, ["--resume", "never"]).finish()
            #expect(!output.contains("carrying on"))
            #expect(try SavedSet(in: folder.out, ranks: 2).stepNumber == 4)
        }

        private func expectDamage(_ problem: String, ranks: Int) throws {
            let run = folder.training(ranks: ranks)
            try run.expectRefusal(
                "no checkpoint in \(folder.out) can be used: checkpoint LeNet5_train of step 4 is not used: "
                    + "\(run.told(by: 0))\(folder.path.appending(state)) is damaged: \(problem)")
            #expect(leftovers(in: folder.out) == [])
        }

        /// Puts another file in the place of one, which nobody may write to.
        private func replace(_ name: String, with bytes: [UInt8]) throws {
            try Data(bytes).write(to: folder.url(name), options: .atomic)
        }
    }
}
