import Checkpoints
import Ciphers
import Foundation
import SystemPackage
import Testing

/// `ckpt encrypt`, `decrypt` and `rekey`.
struct EncryptionCommandTests {
    private let folder: TestFolder
    private let plain = Vectors.path("plain/append_dict.ckpt")

    init() throws {
        folder = try TestFolder()
        try folder.writeKey(Array(Vectors.key.utf8), to: "key")
        try folder.writeKey(Array("hex:000102030405060708090a0b0c0d0e0f\n".utf8), to: "other")
    }

    private var key: [String] { ["--key-file", folder("key")] }
    private var otherKey: [String] { ["--key-file", folder("other")] }

    @Test(arguments: [
        ("AES-GCM", "128"), ("AES-GCM", "256"), ("AES-CBC", "128"), ("AES-CBC", "256"), ("SM4-CBC", "128"),
    ])
    func filesOfMindSporeAreDecrypted(mode: String, bits: String) throws {
        let key = bits == "128" ? Vectors.key : Vectors.longKey
        _ = try CkptRun.succeeding(
            "decrypt", Vectors.path("encrypted/\(mode)_\(bits).ckpt"), folder("x.ckpt"), "--key-env", "CKPT_KEY",
            environment: ["CKPT_KEY": key])
        #expect(try folder.bytes(of: "x.ckpt") == Vectors.bytes(of: "plain/append_dict.ckpt"))
    }

    @Test(arguments: ["AES-GCM", "AES-CBC", "SM4-CBC"])
    func encryptingAndDecryptingGivesTheSameFile(mode: String) throws {
        try succeed(["encrypt", plain, folder("e.ckpt"), "--mode", mode] + key)
        let inspected = try CkptRun(["inspect", folder("e.ckpt")] + key)
        #expect(inspected.output.contains("form     ckpt, encrypted (\(mode))\n"))
        try succeed(["decrypt", folder("e.ckpt"), folder("d.ckpt")] + key)
        #expect(try folder.bytes(of: "d.ckpt") == Vectors.bytes(of: "plain/append_dict.ckpt"))
    }

    @Test func rekeyingChangesTheKeyAndKeepsTheMode() throws {
        try succeed(["encrypt", plain, folder("e.ckpt"), "--mode", "AES-CBC"] + key)
        try succeed(["rekey", folder("e.ckpt"), folder("r.ckpt"), "--new-key-file", folder("other")] + key)
        let inspected = try CkptRun(["inspect", folder("r.ckpt")] + otherKey)
        #expect(inspected.output.contains("encrypted (AES-CBC)"))
        try succeed(["decrypt", folder("r.ckpt"), folder("d.ckpt")] + otherKey)
        #expect(try folder.bytes(of: "d.ckpt") == Vectors.bytes(of: "plain/append_dict.ckpt"))
        // In place, too.
        let files = folder.files
        try succeed(
            [
                "rekey", folder("r.ckpt"), folder("r.ckpt"), "--force", "--mode", "AES-GCM", "--new-key-file",
                folder("key"),
            ]
                + otherKey)
        let verified = try CkptRun(["verify", folder("r.ckpt")] + key)
        #expect(verified.output.contains("each block is authentic"), "\(verified)")
        #expect(folder.files == files)
    }

    @Test(arguments: ["AES-GCM", "AES-CBC", "SM4-CBC"], ["decrypt", "rekey"])
    func wrongKeyLeavesNothing(mode: String, command: String) throws {
        try succeed(["encrypt", plain, folder("e.ckpt"), "--mode", mode] + key)
        let new = command == "rekey" ? ["--new-key-file", folder("key")] : []
        let run = try CkptRun([command, folder("e.ckpt"), folder("d.ckpt")] + new + otherKey)
        #expect(run.status == 1 && run.errors.hasPrefix("ckpt: error: "))
        #expect(run.errors.split(separator: "\n").count == 1)
        #expect(folder.files == ["e.ckpt", "key", "other"])
    }

    @Test func fullDiskLeavesNothing() throws {
        try SampleSets.writeLarge(kilobytes: 300, to: folder("large.ckpt"))
        let run = try CkptRun(["encrypt", folder("large.ckpt"), folder("e.ckpt")] + key, fileKilobytes: 100)
        #expect(run.status == 1 && run.errors.hasSuffix(": File too large\n"))
        #expect(folder.files == ["key", "large.ckpt", "other"])
    }

    @Test func outputIsReadableByItsOwnerAlone() throws {
        try succeed(["encrypt", plain, folder("e.ckpt")] + key)
        try succeed(["decrypt", folder("e.ckpt"), folder("d.ckpt")] + key)
        #expect(try folder.permissions(of: "d.ckpt") == 0o400)
    }

    /// The number of a process can be guessed: of it was made the name under which an output lay until it was whole.
    @Test func nobodyCanPutALinkWhereTheOutputIsMade() throws {
        let elsewhere = try TestFolder()
        let setKey = [UInt8](repeating: 1, count: 16)
        try SampleSets.publish(
            "a", step: 1, in: FilePath(folder("set")), encryption: Encryption(key: EncryptionKey(setKey.span)))
        try folder.writeKey(setKey, to: "set-key")
        try succeed(["encrypt", plain, folder("e.ckpt")] + key)
        for (input, output, key) in [
            ("set/a.manifest.json", "d", ["--key-file", folder("set-key")]), ("e.ckpt", "d.ckpt", key),
        ] {
            let run = try CkptRun(
                ["decrypt", folder(input), folder(output)] + key,
                before: "ln -s '\(elsewhere.path)' '\(folder(""))'.\(output).$$.pending;")
            #expect(run.status == 0, "\(run)")
            #expect(elsewhere.files == [])
            #expect(FileManager.default.fileExists(atPath: folder(output)))
        }
    }

    @Test func whatCannotBeEncryptedIsRefused() throws {
        try succeed(["encrypt", plain, folder("e.ckpt")] + key)
        try CkptRun(["encrypt", folder("e.ckpt"), folder("x.ckpt")] + key).expectRefusal(
            "\(folder("e.ckpt")) is encrypted already (AES-GCM); rekey gives it another key")
        try CkptRun(["decrypt", plain, folder("x.ckpt")] + key).expectRefusal("\(plain) is not encrypted")
        let tensors = Vectors.path("safetensors/crc.safetensors")
        try CkptRun(["encrypt", tensors, folder("x.ckpt")] + key).expectRefusal(
            "\(tensors) cannot be encrypted; only .ckpt and .mindir files can be")
        #expect(folder.files == ["e.ckpt", "key", "other"])
    }

    @Test func keyThatDoesNotFitIsRefused() throws {
        let short = try folder.writeKey([1, 2, 3], to: "short")
        try CkptRun(["encrypt", plain, folder("x.ckpt"), "--key-file", short]).expectRefusal(
            "--key-file \(short): the key has 3 bytes, but must have 16 or 24 or 32")
        try CkptRun(["encrypt", plain, folder("x.ckpt"), "--key-env", "NO_SUCH_KEY"]).expectRefusal(
            "--key-env NO_SUCH_KEY: the environment variable NO_SUCH_KEY, which should hold the key, is not set")
        try CkptRun(["encrypt", plain, folder("x.ckpt")]).expectRefusal("name the key with --key-file or --key-env")
        let long = try folder.writeKey(Array(Vectors.longKey.utf8), to: "long")
        try CkptRun(["encrypt", plain, folder("x.ckpt"), "--mode", "SM4-CBC", "--key-file", long]).expectRefusal(
            "the key has 32 bytes, but must have 16")
    }

    @Test func aKeyFileThatOthersMayUseIsRefused() throws {
        let shared = folder("key")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: shared)
        let run = ["encrypt", plain, folder("x.ckpt")] + key
        try CkptRun(run).expectRefusal(
            "--key-file \(shared): the mode of \(shared) is 0644, so that others than its owner can use it; run chmod 600 "
                + "\(shared), or give --allow-shared-key-file")
        try succeed(run + ["--allow-shared-key-file"])
        let rekey = ["rekey", folder("x.ckpt"), folder("r.ckpt"), "--new-key-file", shared, "--key-env", "KEY"]
        let refused = try CkptRun(rekey, environment: ["KEY": Vectors.key])
        #expect(refused.errors.contains("or give --allow-shared-new-key-file"), "\(refused)")
    }

    private func succeed(_ arguments: [String]) throws {
        let run = try CkptRun(arguments)
        try #require(run.status == 0 && run.output == "" && run.errors == "", "\(run)")
    }
}
