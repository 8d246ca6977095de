import Checkpoints
import Dispatch
import Foundation
import Glibc
import Synchronization
import SystemPackage
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

    /// Anybody may put a manifest above somebody's file, as in /tmp.
    @Test(.enabled(if: geteuid() == 0, "only root can be another user"))
    func manifestsOfStrangersAboveAFileAreNotBelieved() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        try folder.damage("rank_0/a.ckpt")
        _ = try expect(1, folder("rank_0/a.ckpt"))
        unsafe chown(folder("a.manifest.json"), 65534, 65534)
        #expect(try expect(2, folder("rank_0/a.ckpt")).items.first?.explanation.contains("no checksum") == true)
        // To whom the file belongs, too.
        unsafe chown(folder("rank_0/a.ckpt"), 65534, 65534)
        _ = try expect(1, folder("rank_0/a.ckpt"))
    }

    /// What ".." leads to is for the system to say, which follows the link before it.
    @Test func theSetOfAFileIsFoundThroughLinks() throws {
        try SampleSets.publish("a", step: 1, in: FilePath(folder("deep/er")))
        try SampleSets.publish("b", step: 1, in: FilePath(folder("other")))
        for (link, target) in [("link", "deep/er/rank_0"), ("other/rank_1", "../deep/er/rank_0")] {
            try FileManager.default.createSymbolicLink(atPath: folder(link), withDestinationPath: target)
        }
        for path in ["link/a.ckpt", "link/../rank_0/a.ckpt", "other/rank_1/a.ckpt", "deep/er/rank_0/../rank_0/a.ckpt"] {
            #expect(
                try expect(0, folder(path)).items.first?.explanation == "it has the checksum that checkpoint a says",
                "\(path)")
        }
        // A set whose folder is a link is found by the path that was given.
        try FileManager.default.moveItem(atPath: folder("deep/er/rank_0"), toPath: folder("scratch"))
        try FileManager.default.createSymbolicLink(
            atPath: folder("deep/er/rank_0"), withDestinationPath: folder("scratch"))
        #expect(
            try expect(0, folder("deep/er/rank_0/a.ckpt")).items.first?.explanation.contains("checkpoint a") == true)
    }

    @Test func manifestThatIsCutOffIsDamage() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        try folder.write(Array(folder.bytes(of: "a.manifest.json").dropLast(40)), to: "a.manifest.json")
        _ = try expect(1, folder.path)
    }

    /// A person makes a link to a good set, or a copy of its manifest, here and elsewhere.
    @Test func linksAndCopiesOfManifestsNameTheirSet() throws {
        for step in 1...3 { try SampleSets.publish("net-1_\(step)", step: step, in: folder, at: step) }
        let elsewhere = try TestFolder()
        let links = [
            folder("best.manifest.json"): "net-1_2.manifest.json", folder("good"): "net-1_2.manifest.json",
            elsewhere("best.manifest.json"): folder("best.manifest.json"),
            folder("gone.manifest.json"): "net-1_7.manifest.json",
        ]
        for (link, target) in links {
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        }
        try FileManager.default.linkItem(atPath: folder("net-1_1.manifest.json"), toPath: folder("hard.manifest.json"))
        for name in [
            folder("best.manifest.json"), folder("good"), elsewhere("best.manifest.json"), folder("hard.manifest.json"),
        ] { #expect(try expect(0, name).items.first?.name.hasPrefix("net-1_") == true, "\(name)") }
        #expect(try expect(0, folder.path).items.map(\.name) == ["net-1_3", "net-1_2", "net-1_1"])
        #expect(try CkptRun.succeeding("list", folder.path).lines.count == 4)
        // Nor do they keep others from being deleted.
        _ = try CkptRun.succeeding("prune", folder.path, "--keep", "1")
        #expect(try CheckpointDirectory(FilePath(folder.path)).list().manifests.map(\.name) == ["net-1_3"])
    }

    /// Files that a store has laid down as links to where it keeps them.
    @Test func manifestThatIsALinkIntoAStoreIsOne() throws {
        try SampleSets.publish("a", step: 1, in: folder)
        try FileManager.default.moveItem(atPath: folder("a.manifest.json"), toPath: folder("0f3a"))
        try FileManager.default.createSymbolicLink(atPath: folder("a.manifest.json"), withDestinationPath: "0f3a")
        #expect(try expect(0, folder.path).items.map(\.name) == ["a"])
    }

    @Test func setsThatARunRemovesMeanwhileAreNoDamage() throws {
        let isOver = Mutex(false)
        let busy = DispatchGroup()
        try SampleSets.publish("net-1_0", step: 0, in: folder, kilobytes: 64)
        let folder = folder
        let path = FilePath(folder.path)
        DispatchQueue.global().async(group: busy) {
            for step in 1... {
                do {
                    let directory = CheckpointDirectory(path)
                    try SampleSets.publish("net-1_\(step)", step: step, in: path, kilobytes: 64)
                    if let old = try directory.manifest(named: "net-1_\(step - 1)") { try directory.remove(old) }
                } catch {
                    Issue.record(error)
                    return
                }
                if isOver.withLock({ $0 }) { return }
            }
        }
        defer {
            isOver.withLock { $0 = true }
            busy.wait()
        }
        for command in [["verify"], ["verify", "--json"], ["list", "--checksums"], ["list"]] {
            let run = try CkptRun(command + [folder.path])
            #expect(run.status == 0 && !run.output.contains("missing") && !run.output.contains("damaged"), "\(run)")
        }
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

    @Test func anEncryptedFileAloneProvesItsBlocksAndNoMore() throws {
        try folder.writeKey(Array(Vectors.key.utf8), to: "key")
        let key = ["--key-file", folder("key")]
        let item = try expect(2, Vectors.path("encrypted/AES-GCM_128.ckpt"), key).items.first
        #expect(item?.explanation == "each block is authentic; order and number cannot be told")
        // In no other mode are they.
        let other = try expect(2, Vectors.path("encrypted/AES-CBC_128.ckpt"), key).items.first
        #expect(other?.explanation.contains("authentic") == false)
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
