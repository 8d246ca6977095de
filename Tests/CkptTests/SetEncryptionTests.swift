import Checkpoints
import Ciphers
import Foundation
import Testing

/// Sets that were saved with a key: proven by `ckpt verify`, encrypted, decrypted and rekeyed as a whole.
struct SetEncryptionTests {
    private let folder: TestFolder
    private let key = ["--key-env", "CKPT_KEY"]
    private let environment = ["CKPT_KEY": Vectors.key, "CKPT_OTHER": "hex:000102030405060708090a0b0c0d0e0f"]

    init() throws {
        folder = try TestFolder()
    }

    private func encryption(_ mode: EncryptionMode) throws -> Encryption {
        try Encryption(key: EncryptionKey(Array("0123456789:;<=>?".utf8).span), mode: mode)
    }

    private func run(_ arguments: String...) throws -> CkptRun {
        try CkptRun(arguments, environment: environment)
    }

    private func expectVerdict(_ status: Int32, _ words: String, _ arguments: [String]) throws {
        let run = try CkptRun(["verify"] + arguments, environment: environment)
        #expect(run.status == status, "\(run)")
        #expect(run.output.contains(words), "\(run.output)")
    }

    @Test(arguments: EncryptionMode.allCases) func theKeyProvesASetInEveryMode(mode: EncryptionMode) throws {
        _ = try SampleSets.publishSharded("a", .sharded, in: folder, encryption: encryption(mode))
        let manifest = folder("a.manifest.json")
        try expectVerdict(0, "a: whole: 5 files with the sizes and the codes they should have", [manifest] + key)
        try expectVerdict(0, "checkpoint a says", [folder("rank_0/a.ckpt")] + key)
        // Without a key checksums are all there is to compare.
        try expectVerdict(0, "a: whole: 5 files with the sizes and checksums they should have", [manifest])
        try expectVerdict(1, "written with another key", [manifest, "--key-env", "CKPT_OTHER"])
        try folder.damage("rank_1/a.ckpt")
        try expectVerdict(1, "rank_1/a.ckpt is damaged", [manifest] + key)
    }

    @Test func aForgedManifestIsFound() throws {
        try SampleSets.publish("a", step: 1, in: folder, encryption: encryption(.aesCBC))
        // Whoever changes the file can correct its checksum, but not its code.
        try folder.damage("rank_0/a.ckpt")
        let honest = try CkptRun(["verify", folder.path])
        let found = try #require(honest.output.firstMatch(of: /its checksum is ([0-9a-f]{16}), .* says ([0-9a-f]{16})/))
        let text = String(decoding: try folder.bytes(of: "a.manifest.json"), as: UTF8.self)
        let forged = text.replacing(String(found.output.2), with: String(found.output.1))
        try folder.write(Array(forged.utf8), to: "a.manifest.json")
        try expectVerdict(0, "a: whole", [folder.path])
        try expectVerdict(1, "a: damaged: its manifest was changed", [folder.path] + key)
        let inspected = try run("inspect", "--statistics", folder("a.manifest.json"), "--key-env", "CKPT_KEY")
        inspected.expectRefusal(
            "the manifest of checkpoint a was changed since it was saved, or written with another key")
    }

    @Test func aSetWithoutACodeIsNotProven() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        try expectVerdict(2, "a: cannot tell: its manifest carries no code", [folder.path] + key)
    }

    @Test(arguments: EncryptionMode.allCases) func aSetIsEncryptedRekeyedAndDecrypted(mode: EncryptionMode) throws {
        _ = try SampleSets.publishSharded("a", .sharded, in: folder)
        let (plain, name) = (folder("a.manifest.json"), "a.manifest.json")
        let steps = [
            ["encrypt", plain, folder("e"), "--mode", mode.rawValue] + key,
            ["rekey", folder("e/\(name)"), folder("r"), "--new-key-env", "CKPT_OTHER"] + key,
            ["decrypt", folder("r/\(name)"), folder("d"), "--key-env", "CKPT_OTHER"],
        ]
        for step in steps {
            let run = try CkptRun(step, environment: environment)
            try #require(run.status == 0 && run.errors == "", "\(step): \(run)")
        }
        try expectVerdict(0, "codes", [folder("e")] + key)
        try expectVerdict(0, "codes", [folder("r"), "--key-env", "CKPT_OTHER"])
        try expectVerdict(0, "checksums", [folder("d")])
        for rank in 0..<4 {
            #expect(try folder.bytes(of: "d/rank_\(rank)/a.ckpt") == folder.bytes(of: "rank_\(rank)/a.ckpt"))
            #expect(try folder.bytes(of: "e/rank_\(rank)/a.ckpt") != folder.bytes(of: "rank_\(rank)/a.ckpt"))
        }
        // MindSpore reads the strategy without a key.
        #expect(try folder.bytes(of: "e/strategy/a.ckpt") == folder.bytes(of: "strategy/a.ckpt"))
        let whole = try CkptRun(["diff", plain, folder("d/\(name)")], environment: environment)
        #expect(whole.status == 0, "\(whole)")
    }

    @Test func whatFailsLeavesNoDirectory() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        try run("decrypt", folder("a.manifest.json"), folder("d"), "--key-env", "CKPT_KEY").expectRefusal(
            "\(folder("rank_0/a.ckpt")) is not encrypted")
        #expect(!FileManager.default.fileExists(atPath: folder("d")))
        try run("encrypt", folder("a.manifest.json"), folder("rank_0"), "--key-env", "CKPT_KEY").expectRefusal(
            "\(folder("rank_0")) exists; name a directory that does not")
    }
}
