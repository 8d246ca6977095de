import Checkpoints
import CheckpointsTestKit
import Collectives
import Files
import Synchronization
import SystemPackage
import Tensors
import Testing

/// Reading where a run goes on that replaces and removes sets.
struct ReadingBesideTests {
    private let disk = MemoryFileSystem()
    private var directory: CheckpointDirectory { CheckpointDirectory(output, fileSystem: disk) }

    @Test func aSetThatWentMeanwhileIsNoDamage() throws {
        let old = try publish("a", step: 1, on: disk).manifest
        let replaced = try publish("a", step: 2, on: disk).manifest
        #expect(throws: CheckpointSetError.replaced(name: "a")) { try directory.verify(old) }
        try directory.remove(replaced)
        #expect(throws: CheckpointSetError.removed(name: "a")) { try directory.verify(replaced) }
    }

    @Test func whatIsStillThereAndDamagedIsSaidToBe() throws {
        let set = try publish("a", step: 1, on: disk).manifest
        try disk.remove(output.appending("rank_0/a.ckpt"))
        #expect(throws: CheckpointSetError.missing(path: output.appending("rank_0/a.ckpt"), set: "a")) {
            try directory.verify(set)
        }
    }

    /// Whenever a set is opened, the run has just replaced it; but for the third time.
    @Test func aReaderFindsTheSetThatTookThePlace() throws {
        try publish("net-1_1", step: 1, on: disk)
        let busy = BusyFileSystem(disk, times: 2)
        let restored = try CheckpointRestorer(
            CheckpointDirectory(output, fileSystem: busy), world: SoloCommunicator()
        ).restoreNewest()
        #expect(try restored?.reader.integer("step_num") == 3)
    }

    /// The only set is removed between the look at the names and the look into it.
    @Test func aListIsNotEmptyWhereARunKeepsOneSet() throws {
        try publish("net-1_1", step: 1, on: disk)
        let busy = BusyFileSystem(disk, times: 2, before: "json")
        let listing = try CheckpointDirectory(output, fileSystem: busy).list()
        #expect(listing.manifests.map(\.name) == ["net-1_3"])
    }
}

/// A disk on which a run publishes a set and removes the one before, whenever a file of a kind is about to be opened.
private final class BusyFileSystem: ForwardingFileSystem {
    let base: any FileSystem
    private let disk: MemoryFileSystem
    private let saves: Int
    private let saved = Mutex(1)
    private let suffix: String

    init(_ disk: MemoryFileSystem, times saves: Int, before suffix: String = "ckpt") {
        self.suffix = suffix
        base = disk
        self.disk = disk
        self.saves = saves
    }

    func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        let step = saved.withLock { step -> Int? in
            guard path.extension == suffix, step <= saves else { return nil }
            step += 1
            return step
        }
        if let step { save(step) }
        return try base.open(path)
    }

    private func save(_ step: Int) {
        let directory = CheckpointDirectory(output, fileSystem: disk)
        do {
            try publish("net-1_\(step)", step: step, on: disk)
            if let old = try directory.manifest(named: "net-1_\(step - 1)") { try directory.remove(old) }
        } catch {
            Issue.record(error)
        }
    }
}
