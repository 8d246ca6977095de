import Checkpoints
import Foundation
import Testing

/// `ckpt verify`, whose exit status says what it found.
struct VerifyTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private struct Verification: Decodable {
        struct Item: Decodable {
            let name: String
            let verdict: String
            let explanation: String
        }

        let verdict: String
        let items: [Item]
    }

    @Test func directoryOfWholeSetsIsWhole() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        _ = try SampleSets.publishSharded("b", .sharded, in: folder)
        let verification = try expect(0, folder.path)
        #expect(verification.verdict == "whole")
        #expect(Set(verification.items.map(\.name)) == ["a", "b"])
    }

    @Test func oneDamagedFileAmongManyIsFound() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        _ = try SampleSets.publishSharded("b", .sharded, in: folder)
        try folder.damage("rank_2/b.ckpt")
        let verification = try expect(1, folder.path)
        #expect(verification.verdict == "damaged")
        let damaged = verification.items.filter { $0.verdict == "damaged" }
        #expect(damaged.map(\.name) == ["b"])
        #expect(damaged.first?.explanation.contains("rank_2/b.ckpt is damaged") == true)
        _ = try expect(1, folder("b.manifest.json"))
        _ = try expect(0, folder("a.manifest.json"))
    }

    @Test func fileOfASetIsComparedWithItsManifest() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        let item = try expect(0, folder("rank_0/a.ckpt")).items.first
        #expect(item?.explanation == "it has the checksum that checkpoint a says")
        try folder.damage("rank_0/a.ckpt")
        _ = try expect(1, folder("rank_0/a.ckpt"))
    }

    @Test func manifestThatIsCutOffIsDamage() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        try folder.write(Array(folder.bytes(of: "a.manifest.json").dropLast(40)), to: "a.manifest.json")
        _ = try expect(1, folder.path)
    }

    @Test func directoryWithoutSetsTellsNothing() throws {
        _ = try expect(2, folder.path)
    }

    @Test(arguments: ["plain/all_dtypes_crc.ckpt", "safetensors/crc.safetensors"])
    func fileWithCRCProvesItself(vector: String) throws {
        _ = try expect(0, Vectors.path(vector))
        let name = (vector as NSString).lastPathComponent
        try folder.write(Vectors.bytes(of: vector), to: name)
        try folder.damage(name, at: try Vectors.bytes(of: vector).count - 20)
        _ = try expect(1, folder(name))
    }

    @Test func fileWithoutCRCTellsNothingUnlessItsStructureIsBroken() throws {
        _ = try expect(2, Vectors.path("plain/cell.ckpt"))
        try folder.write(Array(Vectors.bytes(of: "plain/cell.ckpt").dropLast(1)), to: "x.ckpt")
        _ = try expect(1, folder("x.ckpt"))
        _ = try expect(1, Vectors.path("plain/nothing.ckpt"))
    }

    @Test func encryptedFileProvesItselfWithItsKey() throws {
        try folder.write(Array(Vectors.key.utf8), to: "key")
        let key = ["--key-file", folder("key")]
        _ = try expect(0, Vectors.path("encrypted/AES-GCM_128.ckpt"), key)
        // No mode but GCM is authentic.
        _ = try expect(2, Vectors.path("encrypted/AES-CBC_128.ckpt"), key)
        try folder.write(Vectors.bytes(of: "encrypted/AES-GCM_128.ckpt"), to: "x.ckpt")
        try folder.damage("x.ckpt")
        _ = try expect(1, folder("x.ckpt"), key)
        let path = Vectors.path("encrypted/SM4-CBC_128.ckpt")
        try CkptRun(["verify", path]).expectRefusal(
            "\(path) is encrypted (SM4-CBC); name its key with --key-file or --key-env", status: 2)
    }

    @Test func whatIsNotThereCannotBeTold() throws {
        try CkptRun(["verify", folder("x.ckpt")]).expectRefusal(
            "cannot open \(folder("x.ckpt")): No such file or directory", status: 2)
    }

    private func expect(_ status: Int32, _ path: String, _ more: [String] = []) throws -> Verification {
        let text = try CkptRun(["verify", path] + more)
        #expect(text.status == status, "\(text)")
        #expect(text.errors == "")
        let run = try CkptRun(["verify", "--json", path] + more)
        #expect(run.status == status)
        return try run.json()
    }
}
