import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import Files
import Foundation
import Glibc
import SystemPackage
import Testing

/// Manifests, tombstones and links that somebody has put into a directory of sets, to have other files deleted.
final class PlantedFileTests {
    private let files = LocalFileSystem()
    private let folder = FilePath(NSTemporaryDirectory()).appending("lockstep-\(UUID().uuidString)")
    private var out: FilePath { folder.appending("out") }
    private var home: FilePath { folder.appending("home") }
    private var mine: FilePath { home.appending("a.ckpt") }

    init() throws {
        for path in [out, home] { try files.createDirectory(path) }
        try files.replaceContents(of: mine, with: [7])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder.string)
    }

    private func directory(_ key: EncryptionKey? = nil) -> CheckpointDirectory {
        CheckpointDirectory(out, fileSystem: files, key: key)
    }

    private func save(_ name: String, step: Int, _ key: EncryptionKey? = nil, folder: String = "rank_0") throws
        -> Manifest
    {
        let file = CheckpointFile("\(folder)/\(name).ckpt") { try $0.write([1 as UInt8].span) }
        return try CheckpointPublisher(directory(key), world: SoloCommunicator())
            .publish(set(name, step: step), files: [file]).manifest
    }

    /// A manifest becomes the tombstone of its set: all that it names is to be deleted.
    private func bury(_ manifest: Manifest, as name: String? = nil) throws -> FilePath {
        let tombstone = out.appending(name ?? ".\(manifest.name).\(manifest.id).removed")
        try files.rename(out.appending("\(manifest.name).manifest.json"), to: tombstone)
        return tombstone
    }

    private func exists(_ path: FilePath) throws -> Bool { try files.status(of: path) != nil }

    @Test func aSetWhoseFolderIsALinkIsRemovedWithoutWhatLiesBehindIt() throws {
        let manifest = try save("a", step: 1, folder: "x")
        try FileManager.default.removeItem(atPath: out.appending("x").string)
        try FileManager.default.createSymbolicLink(
            atPath: out.appending("x").string, withDestinationPath: home.string)
        let error = #expect(throws: CheckpointSetError.self) { try directory().remove(manifest) }
        #expect(
            "\(error.map { "\($0)" } ?? "")".contains("x is no directory of its own"), "\(String(describing: error))")
        #expect(directory().removeLeftovers().count == 1)
        #expect(try files.contents(of: mine, limit: 9) == [7])
        // Nor is anything saved there.
        #expect(throws: (any Error).self) { _ = try self.save("b", step: 2, folder: "x") }
        #expect(try files.names(in: home) == ["a.ckpt"])
    }

    @Test func aTombstoneUnderAnotherNameIsNotBelieved() throws {
        let manifest = try save("a", step: 1)
        let tombstone = try bury(manifest, as: ".b.1-1.removed")
        #expect(directory().removeLeftovers().first?.contains("its name is not that of the set in it") == true)
        try directory().finishRemovals()
        #expect(try exists(tombstone) && exists(out.appending("rank_0/a.ckpt")))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can be another user")) func aTombstoneOfAnotherUserIsNotBelieved()
        throws
    {
        let tombstone = try bury(try save("a", step: 1))
        unsafe chown(tombstone.string, 65534, 65534)
        #expect(directory().removeLeftovers().first?.contains("it belongs to user 65534") == true)
        #expect(try exists(out.appending("rank_0/a.ckpt")))
        // That of the directory's owner is.
        unsafe chown(out.string, 65534, 65534)
        #expect(directory().removeLeftovers() == [])
        #expect(try !exists(tombstone) && !exists(out.appending("rank_0/a.ckpt")))
    }

    @Test func withAKeyATombstoneMustBeProven() throws {
        let key = try EncryptionKey([UInt8](repeating: 7, count: 32).span)
        for forged in [true, false] {
            let tombstone = try bury(try save("a", step: 1, forged ? nil : key))
            let sentences = directory(key).removeLeftovers()
            #expect(sentences.first?.contains("the key does not prove it") ?? false == forged)
            try directory(key).finishRemovals()
            #expect(try exists(tombstone) == forged && exists(out.appending("rank_0/a.ckpt")) == forged)
            if forged { try directory().finishRemovals() }
        }
    }

    /// Its manifest names what is to be deleted: nobody's files go whose set the key does not prove.
    @Test func withAKeyOnlyProvenSetsAreRemovedOrReplacedWithTheirFiles() throws {
        let key = try EncryptionKey([UInt8](repeating: 7, count: 32).span)
        let planted = try save("a", step: 1, folder: "notes")
        let reason = "with a key only sets that it proves are removed"
        #expect(throws: CheckpointSetError.notAuthentic(name: "a", reason: reason)) {
            try directory(key).remove(planted)
        }
        #expect(try directory(key).entries().entries.map(\.isBelieved) == [false])
        // The next save takes the name, not the files.
        let saved = try save("a", step: 2, key)
        #expect(try exists(out.appending("notes/a.ckpt")))
        #expect(try directory(key).entries().entries.map(\.isBelieved) == [true])
        try directory(key).remove(saved)
        #expect(try !exists(out.appending("rank_0/a.ckpt")))
        // Without a key it is believed.
        let other = try save("b", step: 3, folder: "notes")
        _ = try save("b", step: 4)
        #expect(try !exists(out.appending("notes/b.ckpt")) && other.name == "b")
    }

    /// A file under a pending name would take the place of one of a proven set.
    @Test func withAKeyFilesOfUnprovenSetsGetNoNames() throws {
        let key = try EncryptionKey([UInt8](repeating: 7, count: 32).span)
        let proven = try save("a", step: 1, key)
        let planted = try save("b", step: 2)
        let manifest = out.appending("b.manifest.json")
        let text = String(decoding: try files.contents(of: manifest, limit: 1 << 20), as: UTF8.self)
        try files.replaceContents(
            of: manifest, with: Array(text.replacing("rank_0/b.ckpt", with: "rank_0/a.ckpt").utf8))
        let pending = out.appending("rank_0/.a.ckpt.\(planted.id).pending")
        try files.replaceContents(of: pending, with: [9])
        #expect(directory(key).removeLeftovers() == [])
        try directory(key).verify(proven)
        #expect(try exists(pending))
        _ = directory().removeLeftovers()
        #expect(throws: CheckpointSetError.self) { try directory(key).verify(proven) }
    }

    @Test func aTombstoneOfNoSenseKeepsNobodyFromRemoving() throws {
        try files.replaceContents(of: out.appending(".x.1-1.removed"), with: [1])
        let tombstone = try bury(try save("a", step: 1))
        try directory().finishRemovals()
        #expect(try !exists(tombstone) && exists(out.appending(".x.1-1.removed")))
    }

    @Test func filesOfASetAreItsOwnersFromTheFirstMoment() throws {
        let out = out
        let file = CheckpointFile("rank_0/a.ckpt") { file in
            let folder = out.appending("rank_0")
            for name in try LocalFileSystem().names(in: folder) {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(name).string)
                #expect(attributes[.posixPermissions] as? Int == 0o400, "\(name)")
            }
            try file.write([1 as UInt8].span)
        }
        _ = try CheckpointPublisher(directory(), world: SoloCommunicator()).publish(set("a", step: 1), files: [file])
        let attributes = try FileManager.default.attributesOfItem(atPath: out.appending("a.manifest.json").string)
        #expect(attributes[.posixPermissions] as? Int == 0o400)
    }
}
