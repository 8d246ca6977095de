import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import Files
import Foundation
import Glibc
import SystemPackage
import Testing

/// Files that somebody has given the names of manifests, which are none, keep nobody from saving, removing and carrying on.
final class UnreadableManifestTests {
    private let files = LocalFileSystem()
    private let out = FilePath(NSTemporaryDirectory()).appending("lockstep-\(UUID().uuidString)")
    private static let key = try? EncryptionKey([UInt8](repeating: 7, count: 32).span)

    init() throws {
        try files.createDirectory(out)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: out.string)
    }

    private func directory(_ key: EncryptionKey? = nil) -> CheckpointDirectory {
        CheckpointDirectory(out, fileSystem: files, key: key)
    }

    private func save(_ name: String, step: Int, _ directory: CheckpointDirectory) throws -> Manifest {
        try CheckpointPublisher(directory, world: SoloCommunicator())
            .publish(set(name, step: step), files: [file(name, step: step, rank: 0)]).manifest
    }

    private func exists(_ name: String) throws -> Bool { try files.status(of: out.appending(name)) != nil }

    @Test(arguments: PlantedManifest.allCases, [false, true])
    func itKeepsNobodyFromAnything(planted: PlantedManifest, hasKey: Bool) throws {
        let sets = directory(hasKey ? Self.key : nil)
        let first = try save("a-1_1", step: 1, sets)
        try planted.plant(at: out.appending("a-1_9.manifest.json"))
        try planted.plant(at: out.appending("b.manifest.json"))
        try files.replaceContents(of: out.appending("rank_0/.c.ckpt.1-7f.pending"), with: [1])
        // What a run finds when it begins: one sentence about all of them.
        let said = directory(sets.key).removeLeftovers()
        #expect(said.count == (planted.isThere ? 1 : 0), "\(said)")
        #expect(try !exists("rank_0/.c.ckpt.1-7f.pending"))
        _ = try save("a-1_2", step: 2, sets)
        try sets.remove(first)
        #expect(try !exists("rank_0/a-1_1.ckpt") && !exists("a-1_1.manifest.json"))
        try sets.finishRemovals()
        let restorer = CheckpointRestorer(directory(sets.key), world: SoloCommunicator())
        let restored = try #require(try restorer.restoreNewest())
        #expect(restored.manifest.name == "a-1_2" && restorer.tidy(after: restored.manifest) == nil)
        #expect(restored.warnings.count == (planted.isThere ? 2 : 0), "\(restored.warnings)")
        // The set of its name takes its place.
        try sets.verify(try save("b", step: 3, sets))
        #expect(try directory().list().manifests.map(\.name) == ["b", "a-1_2"])
    }

    /// A set of a later version may be there, whose files have no names yet.
    @Test func whatNamesAnIdKeepsTheFilesOfThatId() throws {
        for id in ["2-7f", "2-8f"] {
            try files.replaceContents(of: out.appending(".b.ckpt.\(id).pending"), with: [1])
        }
        try files.replaceContents(
            of: out.appending("b.manifest.json"), with: Array(#"{"formatVersion": 2, "id": "2-7f"}"#.utf8))
        let said = directory().removeLeftovers()
        #expect(said.count == 1 && said[0].contains("its format version is 2"), "\(said)")
        #expect(try exists(".b.ckpt.2-7f.pending") && !exists(".b.ckpt.2-8f.pending"))
    }

    /// That the storage fails says nothing about what is there.
    @Test func nothingIsDeletedWhereTheStorageFails() throws {
        let disk = MemoryFileSystem()
        let old = try publish("a", step: 1, on: disk).manifest
        try publish("b", step: 2, on: disk)
        let failing = CheckpointDirectory(
            output, fileSystem: FailingFileSystem(disk, path: output.appending("b.manifest.json")))
        #expect(failing.removeLeftovers().count == 1)
        #expect(throws: CheckpointSetError.self) { try failing.remove(old) }
        #expect(try disk.status(of: output.appending("rank_0/a.ckpt")) != nil)
    }

    @Test func aDirectoryOfThousandsIsSaidInFewWords() throws {
        for number in 0..<300 { try files.replaceContents(of: out.appending("x\(number).manifest.json"), with: []) }
        let said = directory().removeLeftovers()
        #expect(said.count == 1 && said[0].hasSuffix("and so are 299 more files like it"), "\(said)")
        let restorer = CheckpointRestorer(directory(), world: SoloCommunicator())
        let error = #expect(throws: CheckpointSetError.self) { try restorer.restoreNewest() }
        let sentence = error?.description ?? ""
        #expect(sentence.hasSuffix("and 292 more like these") && sentence.utf8.count < 3000, "\(sentence)")
    }

    /// None of these is read anew for each of the others.
    @Test func manyCopiesOfASetAreLookedAtOnce() throws {
        let manifest = try save("a", step: 1, directory())
        for number in 0..<50 {
            try files.replaceContents(of: out.appending("copy\(number).manifest.json"), with: manifest.json)
        }
        let listing = try directory().list()
        #expect(listing.manifests == [manifest] && listing.unreadable.isEmpty)
        try files.replaceContents(of: out.appending("a.manifest.json"), with: [1])
        #expect(try directory().list().unreadable.count == 51)
    }

    @Test(.timeLimit(.minutes(1))) func namesThatLeadNowhereAreNotLookedForForEver() throws {
        for number in 0..<3000 {
            try FileManager.default.createSymbolicLink(
                atPath: out.appending("x\(number).manifest.json").string, withDestinationPath: "nowhere")
        }
        #expect(try directory().list().manifests.isEmpty)
        #expect(try CheckpointRestorer(directory(), world: SoloCommunicator()).restoreNewest() == nil)
    }

    @Test func aTombstoneThatIsNoFileKeepsNobodyFromRemoving() throws {
        try files.createDirectory(out.appending(".x.1-1.removed"))
        let manifest = try save("a", step: 1, directory())
        try files.rename(
            out.appending("a.manifest.json"), to: out.appending(".a.\(manifest.id).removed"))
        try directory().finishRemovals()
        #expect(try !exists("rank_0/a.ckpt"))
    }
}

/// What somebody puts where a manifest could be.
enum PlantedManifest: CaseIterable {
    case rubbish, nothing, laterVersion, directory, fullDirectory, pipe, linkToNowhere, linkToItself, linkToADirectory
    case terabytes, unreadableByOthers, otherName

    /// Whether there is anything that could be one: a link to another name is none.
    var isThere: Bool { self != .linkToNowhere && self != .linkToItself }

    func plant(at path: FilePath) throws {
        let files = LocalFileSystem()
        switch self {
        case .rubbish: try files.replaceContents(of: path, with: [0x7B, 0, 0xFF])
        case .nothing: try files.replaceContents(of: path, with: [])
        case .laterVersion: try files.replaceContents(of: path, with: Array(#"{"formatVersion": 2, "id": "1-1"}"#.utf8))
        case .directory: try files.createDirectory(path)
        case .fullDirectory:
            try files.createDirectory(path)
            try files.replaceContents(of: path.appending("x"), with: [1])
        case .pipe: try #require(unsafe mkfifo(path.string, 0o600) == 0)
        case .linkToNowhere: try link(path, to: "nowhere.manifest.txt")
        case .linkToItself: try link(path, to: path.lastComponent?.string ?? "")
        case .linkToADirectory: try link(path, to: "/tmp")
        case .terabytes:
            try files.replaceContents(of: path, with: [])
            try #require(unsafe truncate(path.string, 1 << 40) == 0)
        case .unreadableByOthers:
            try files.replaceContents(of: path, with: [1])
            unsafe chown(path.string, 65534, 65534)
            unsafe chmod(path.string, 0)
        case .otherName:
            let text = #"{"formatVersion": 1, "checkpoint": {"name": "../../etc"}, "files": []}"#
            try files.replaceContents(of: path, with: Array(text.utf8))
        }
    }

    private func link(_ path: FilePath, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: target)
    }
}

/// A disk that cannot read one of its files any more.
private final class FailingFileSystem: ForwardingFileSystem {
    let base: any FileSystem
    private let path: FilePath

    init(_ base: any FileSystem, path: FilePath) {
        self.base = base
        self.path = path
    }

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        if operation == .open, path == self.path { throw FileError("open", path, .ioError) }
        return try body()
    }
}
