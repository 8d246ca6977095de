import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import SystemPackage
import Testing

/// Sets that are deleted, and names that are completed, whatever interrupts it.
struct RemovalTests {
    private let disk = MemoryFileSystem()
    private var directory: CheckpointDirectory { CheckpointDirectory(output, fileSystem: disk) }

    @Test func aRemovedSetLeavesNothing() throws {
        try publish("a", step: 1, on: disk)
        let manifest = try publish("b", step: 2, on: disk).manifest
        try directory.remove(manifest)
        #expect(try directory.list().manifests.map(\.name) == ["a"])
        #expect(try disk.names(in: output) == ["a.manifest.json", "rank_0"])
        #expect(try disk.names(in: output.appending("rank_0")) == ["a.ckpt"])
        try directory.remove(manifest)
    }

    @Test func aSetThatWasReplacedIsNotRemoved() throws {
        let old = try publish("a", step: 1, on: disk).manifest
        try publish("a", step: 2, on: disk)
        #expect(throws: CheckpointSetError.replaced(name: "a")) { try directory.remove(old) }
        try directory.verify(try #require(try directory.manifest(named: "a")))
    }

    @Test func aKillAtAnyOperationLeavesTheSetWholeOrNone() throws {
        var position = 1
        while true {
            let disk = MemoryFileSystem()
            try publish("a", step: 1, on: disk)
            let manifest = try publish("b", step: 2, on: disk).manifest
            let faulty = FaultyFileSystem(disk, .kills, at: position)
            try? CheckpointDirectory(output, fileSystem: faulty).remove(manifest)
            guard faulty.isDead else { break }
            for loss in [MemoryFileSystem.Loss.everything, .bytes, .namesIn(output), .namesOutside(output)] {
                try checkRemoval(of: manifest, on: disk.afterPowerFailure(loss), "\(position), \(loss)")
            }
            try checkRemoval(of: manifest, on: disk, "\(position)")
            position += 1
        }
        #expect(position > 5)
    }

    private func checkRemoval(of manifest: Manifest, on disk: MemoryFileSystem, _ place: Comment) throws {
        let directory = CheckpointDirectory(output, fileSystem: disk)
        for manifest in try directory.list().manifests { try directory.verify(manifest) }
        try directory.finishRemovals()
        #expect(try disk.names(in: output).allSatisfy { !$0.hasPrefix(".") }, place)
        try directory.remove(manifest)
        #expect(try disk.names(in: output.appending("rank_0")) == ["a.ckpt"], place)
    }

    @Test func anOldTombstoneSparesANewSetOfTheName() throws {
        let old = try publish("a", step: 1, on: disk).manifest
        // Dies before the first file is deleted: the operations are read, rename, synchronize, then the listing.
        let faulty = FaultyFileSystem(disk, .kills, at: 5)
        #expect(throws: CheckpointSetError.self) {
            try CheckpointDirectory(output, fileSystem: faulty).remove(old)
        }
        #expect(try directory.list().manifests.isEmpty)
        let new = try publish("a", step: 2, on: disk).manifest
        try directory.finishRemovals()
        try directory.verify(new)
        #expect(try disk.names(in: output) == ["a.manifest.json", "rank_0"])
    }

    @Test func namesAreCompletedAfterAKillBehindTheCommit() throws {
        try publish("a", step: 1, on: disk)
        let count = try operationCount()
        for position in 1...count {
            let disk = disk.copy()
            let faulty = FaultyFileSystem(disk, .kills, at: position)
            _ = try? publish("a", step: 2, on: faulty)
            let directory = CheckpointDirectory(output, fileSystem: disk)
            let manifest = try #require(try directory.manifest(named: "a"))
            guard manifest.checkpoint.progress.step == 2 else { continue }
            try directory.completeRenames(manifest)
            #expect(try disk.names(in: output.appending("rank_0")) == ["a.ckpt"])
            try directory.verify(manifest)
            try CheckpointDirectory(output, fileSystem: disk.afterPowerFailure(.everything)).verify(manifest)
            return
        }
        Issue.record("none of \(count) operations was the commit")
    }

    private func operationCount() throws -> Int {
        let counter = FaultyFileSystem(disk.copy())
        try publish("a", step: 2, on: counter)
        return counter.operationCount
    }

    /// The number of the operation of rank 2 of 4 that gives its file the final name, counted on a copy of the disk.
    private func renamePosition() throws -> Int {
        for position in 1... {
            let disk = disk.copy()
            let faulty = FaultyFileSystem(disk, .kills, at: position)
            _ = ThreadWorld.runCollecting(ranks: 4) { world in
                guard world.rank == 2 else { return try publish("a", step: 2, over: world, on: disk) }
                return try publish("a", step: 2, over: MortalCommunicator(world, faulty), on: faulty)
            }
            let operation = try #require(faulty.faultyOperation)
            if operation.hasPrefix("rename") { return position }
        }
        return 0
    }

    @Test func tidyingGivesEveryFileItsName() throws {
        let disk = disk
        let directory = directory
        // With the directories there, every rank makes the same operations in every run.
        _ = try ThreadWorld.run(ranks: 4) { try publish("a", step: 1, over: $0, on: disk) }
        let renamePosition = try self.renamePosition()
        let outcomes = ThreadWorld.runCollecting(ranks: 4) { world in
            let faulty = FaultyFileSystem(disk, .fails(.ioError), at: renamePosition)
            return try publish("a", step: 2, over: world, on: world.rank == 2 ? faulty : disk)
        }
        for outcome in outcomes {
            #expect(try #require(try outcome.get().warning).hasPrefix("rank 2: cannot rename"))
        }
        _ = try ThreadWorld.run(ranks: 3) { world in
            let restorer = CheckpointRestorer(directory, world: world)
            let restored = try #require(try restorer.restore(named: "a"))
            #expect(restorer.tidy(after: restored.manifest) == nil)
        }
        #expect(try disk.names(in: output.appending("rank_2")) == ["a.ckpt"])
    }
}
