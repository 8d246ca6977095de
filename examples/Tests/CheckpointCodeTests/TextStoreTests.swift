import CheckpointsTestKit
import CollectivesTestKit
import Lockstep
import Testing

/// Tries the store with four ranks on a disk that fails at every operation in turn, and then loses its power.
@Suite struct TextStoreTests {
    private static let old = (0..<4).map { "old \($0)" }
    private static let new = (0..<4).map { "new \($0)" }

    @Test(
        arguments: [FaultyFileSystem.Fault.kills, .killsHalfway, .fails(.noSpace), .succeedsUnheard(.ioError)], [0, 2])
    func readerFindsTheOldLinesOrTheNew(fault: FaultyFileSystem.Fault, rank: Int) throws {
        var operations = 0
        for position in 1... {
            let disk = MemoryFileSystem()
            _ = try ThreadWorld.run(ranks: 4) { world in try save("old", 1, over: world, on: disk) }
            let faulty = FaultyFileSystem(disk, fault, at: position)
            _ = ThreadWorld.runCollecting(ranks: 4) { world in
                try save("new", 2, over: world, on: world.rank == rank ? faulty : disk)
            }
            for loss in [MemoryFileSystem.Loss.everything, .bytes, .names] {
                let found = try TextStore(files: disk.afterPowerFailure(loss), folder: "/run").load()
                #expect(found == Self.old || found == Self.new, "\(fault) at operation \(position), \(loss)")
            }
            guard faulty.faultyOperation != nil else { break }
            operations += 1
        }
        #expect(operations >= 5)
    }

    @Test func nothingIsNoLines() throws {
        #expect(try TextStore(files: MemoryFileSystem(), folder: "/run").load() == nil)
    }

    private func save(_ word: String, _ version: Int, over world: any Communicator, on files: any FileSystem) throws {
        try TextStore(files: files, folder: "/run").save("\(word) \(world.rank)", version: version, over: world)
    }
}
