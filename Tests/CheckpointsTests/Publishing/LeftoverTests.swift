import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import SystemPackage
import Testing

/// What interrupted saves leave, which whoever alone saves here removes.
struct LeftoverTests {
    private let disk = MemoryFileSystem()
    private var directory: CheckpointDirectory { CheckpointDirectory(output, fileSystem: disk) }

    /// Everything on the disk that is of the protocol alone.
    private func hidden(on disk: MemoryFileSystem) throws -> [String] {
        let names = try disk.names(in: output)
        let below = try names.filter { $0.hasPrefix("rank_") }.flatMap { try disk.names(in: output.appending($0)) }
        return (names + below).filter { $0.hasPrefix(".") }
    }

    @Test(arguments: [0, 3]) func aKillAtAnyOperationLeavesNothingThatStays(rank: Int) throws {
        for position in 1... {
            let disk = MemoryFileSystem()
            _ = try ThreadWorld.run(ranks: 4) { try publish("a", step: 1, over: $0, on: disk) }
            let faulty = FaultyFileSystem(disk, .killsHalfway, at: position)
            _ = ThreadWorld.runCollecting(ranks: 4) { world in
                guard world.rank == rank else { return try publish("b", step: 2, over: world, on: disk) }
                return try publish("b", step: 2, over: MortalCommunicator(world, faulty), on: faulty)
            }
            guard faulty.isDead else { return }
            let directory = CheckpointDirectory(output, fileSystem: disk)
            let before = try directory.list().manifests
            #expect(directory.removeLeftovers() == [])
            #expect(try hidden(on: disk) == [], "\(position): \(faulty.faultyOperation ?? "")")
            #expect(try directory.list().manifests == before && directory.leftovers() == [])
            for manifest in before { try directory.verify(manifest) }
        }
    }

    @Test func allKindsOfLeftoversAreListedAndGo() throws {
        let old = try publish("a", step: 1, on: disk).manifest
        // Its removal dies behind the tombstone.
        #expect(throws: CheckpointSetError.self) {
            try CheckpointDirectory(output, fileSystem: FaultyFileSystem(disk, .kills, at: 5)).remove(old)
        }
        let pending = [
            "rank_0/.b.ckpt.2-7f.pending", "rank_7/.b.ckpt.2-7f.pending", "strategy/.b.ckpt.2-7f.pending",
            "checkpoint/rank_1/.b_rank_1-1_2.ckpt.2-7f.pending", ".b.manifest.json.2-7f.pending",
        ]
        let passing = [
            ".rank_0.probe", "rank_5/.rank_5.probe", "rank_5/.shared-9f3e.probe", ".status.json.4711.tmp",
            ".shared.9f3e.probe", ".speed.9f3e.probe", "rank_5/.rank_5.9f3e.probe",
            "..status.json.reserve.4711.tmp", "checkpoint/rank_1/meta.json.tmp",
        ]
        // Those of others, of a run below, and such as nobody here makes.
        let foreign = ["rank_0/.a.ckpt.pending", "other/rank_0/.b.ckpt.2-7f.pending", ".notes", "rank_0/.x.probe"]
        for file in pending + passing + foreign { try write(file) }
        let found = try directory.leftovers()
        #expect(found.filter { $0.kind == .pending }.map(\.path).sorted() == pending.sorted())
        #expect(found.filter { $0.kind == .passing }.map(\.path).sorted() == passing.sorted())
        #expect(found.filter { $0.kind == .removal }.map(\.path) == [".a.\(old.id).removed"])
        #expect(directory.removeLeftovers() == [])
        #expect(try directory.leftovers() == [])
        #expect(try foreign.allSatisfy { try disk.status(of: path($0)) != nil })
        #expect(try disk.status(of: path("rank_0/a.ckpt")) == nil)
    }

    private func path(_ file: String) -> FilePath { output.appending(FilePath(file).components) }

    private func write(_ file: String) throws {
        try disk.createDirectory(path(file).removingLastComponent())
        try disk.replaceContents(of: path(file), with: [1, 2, 3])
    }
}
