import Checkpoints
import Files
import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// Runs with a key, and those that were begun without one.
    @Suite struct KeyTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
            try folder.writeKey("hex:000102030405060708090a0b0c0d0e0f", to: "key")
            try folder.writeKey("hex:0f0e0d0c0b0a09080706050403020100", to: "other")
        }

        private func training(_ epochs: Int, key: String? = nil, _ more: [String] = []) -> TrainerRun {
            let key = key.map { ["--key-file", folder.path.appending($0).string, "--enc-mode", "AES-CBC"] } ?? []
            return folder.training(ranks: 1, epochs: epochs, key + more)
        }

        @Test func aRunBegunWithoutAKeyCarriesOnWithOneIfItsSetIsNamed() throws {
            try training(1).finish()
            let manifest = folder.out.appending("LeNet5_train.manifest.json").string
            let reason =
                "its manifest carries no code, as one saved without a key; resume from it by name, or give it a code "
                + "with ckpt encrypt or ckpt rekey"
            try training(2, key: "key").expectRefusal(
                "no checkpoint in \(folder.out) can be used: checkpoint LeNet5_train of step 4 is not used: the key does "
                    + "not prove checkpoint LeNet5_train: \(reason)")
            let output = try training(2, key: "key", ["--resume", manifest]).finish()
            #expect(output.contains("carrying on"), "\(output)")
            // From here on nobody has to name it.
            #expect(try training(3, key: "key").finish().contains("carrying on"))
        }

        /// What a run without a key has begun to remove, or anybody says it has.
        @Test func whatTheKeyDoesNotProveIsNotRemovedWhenARunBegins() throws {
            try training(1).finish()
            let manifest = try #require(try CheckpointDirectory(folder.out).manifest(named: "LeNet5_train"))
            let tombstone = folder.out.appending(".LeNet5_train.\(manifest.id).removed")
            try LocalFileSystem().rename(folder.out.appending("LeNet5_train.manifest.json"), to: tombstone)
            let output = try training(1, key: "key").finish()
            #expect(output.contains("what an interrupted save has left stays: \(tombstone)"), "\(output)")
            #expect(output.contains("the key does not prove it"), "\(output)")
            #expect(try LocalFileSystem().status(of: tombstone) != nil)
        }

        @Test func aSetThatAnotherKeySavedIsRefused() throws {
            try training(1, key: "key").finish()
            try training(2, key: "other").expectRefusal(
                "no checkpoint in \(folder.out) can be used: checkpoint LeNet5_train of step 4 is not used: the key does "
                    + "not prove checkpoint LeNet5_train: its manifest was changed since, or written with another key")
            // Nor is it taken by name.
            let manifest = folder.out.appending("LeNet5_train.manifest.json").string
            let outcome = try training(2, key: "other", ["--resume", manifest]).start().wait()
            #expect(outcome.exitCode == 1 && outcome.errors.contains("written with another key"), "\(outcome)")
        }
    }
}
