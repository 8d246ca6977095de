import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Synchronization
import SystemPackage
import Tensors
import Testing

/// Publishes set A, then set B with a fault at file operation 1, 2, 3 … of one rank, until B comes through untouched;
/// after each, the power may fail too. A reader must find A or B, whole.
struct FaultSweepTests {
    /// How B stands to A.
    enum Relation: String, CaseIterable {
        case replaces
        case liesBeside = "lies beside"

        /// A kill came between publishing A and renaming its files.
        case replacesUnrenamed = "replaces the unrenamed"

        /// As `replaces`, but the files of B are written on other threads, while the ranks go on.
        case replacesFromBehind = "replaces, in the background,"
    }

    struct Sweep: CustomStringConvertible, Sendable {
        let ranks: Int
        let faultyRank: Int
        let relation: Relation
        let fault: FaultyFileSystem.Fault

        var nameOfA: String { relation == .liesBeside ? "net-1_1" : "LeNet5_train" }
        var nameOfB: String { relation == .liesBeside ? "net-1_2" : "LeNet5_train" }

        var description: String { "\(fault) on rank \(faultyRank) of \(ranks), B \(relation.rawValue) A" }
    }

    // Operations other than writing have no half: there the second one fails with "no space", and the last one kills
    // before anything is done. A kill after all of it is the kill at the next operation.
    private static let faults: [FaultyFileSystem.Fault] = [
        .fails(.permissionDenied), .stopsHalfway(.noSpace), .succeedsUnheard(.ioError), .killsHalfway,
    ]

    static let sweeps = [(1, 0), (4, 0), (4, 2)].flatMap { ranks, faultyRank in
        Relation.allCases.flatMap { relation in
            faults.map { Sweep(ranks: ranks, faultyRank: faultyRank, relation: relation, fault: $0) }
        }
    }

    private static let losses: [MemoryFileSystem.Loss] = [
        .everything, .bytes, .names, .namesOutside(output), .namesIn(output),
    ]

    private struct Tally {
        var sweeps = 0
        var points = 0
        var diskStates = 0
    }

    private static let tally = Mutex(Tally())

    @Test(arguments: sweeps) func everyFaultLeavesTheOldSetOrTheNewOne(sweep: Sweep) throws {
        let before = try diskWithA(of: sweep)
        var position = 1
        while try tryFault(at: position, of: sweep, on: before.copy()) { position += 1 }
        // Else the sweep would have tried nothing.
        #expect(position > 10)
        let tally = Self.tally.withLock { tally in
            tally.sweeps += 1
            tally.points += position - 1
            return tally
        }
        guard tally.sweeps == Self.sweeps.count else { return }
        print("fault sweep: \(tally.points) points tried, \(tally.diskStates) states of the disk read")
    }

    private func diskWithA(of sweep: Sweep) throws -> MemoryFileSystem {
        let disk = MemoryFileSystem()
        let manifest = try ThreadWorld.run(ranks: sweep.ranks) { world in
            try publish(sweep.nameOfA, step: 1, over: world, on: disk, branch: RunBranch()).manifest
        }[0]
        guard sweep.relation == .replacesUnrenamed else { return disk }
        for rank in 0..<sweep.ranks {
            let folder = output.appending("rank_\(rank)")
            let pending = folder.appending(".\(sweep.nameOfA).ckpt.\(manifest.id).pending")
            try disk.rename(folder.appending("\(sweep.nameOfA).ckpt"), to: pending)
            try disk.synchronizeDirectory(folder)
        }
        return disk
    }

    /// Whether the fault was reached.
    private func tryFault(at position: Int, of sweep: Sweep, on disk: MemoryFileSystem) throws -> Bool {
        let faulty = FaultyFileSystem(disk, sweep.fault, at: position)
        let inBackground = sweep.relation == .replacesFromBehind
        let outcomes = ThreadWorld.runCollecting(ranks: sweep.ranks) { world in
            guard world.rank == sweep.faultyRank else {
                return try publish(
                    sweep.nameOfB, step: 2, over: world, on: disk, inBackground: inBackground, branch: RunBranch())
            }
            return try publish(
                sweep.nameOfB, step: 2, over: MortalCommunicator(world, faulty), on: faulty, inBackground: inBackground,
                branch: RunBranch())
        }
        let place = Comment(rawValue: "\(position), \(faulty.faultyOperation ?? "no fault"): \(sweep)")
        let published = outcomes.filter { (try? $0.get()) != nil }.count
        #expect(published == 0 || published == sweep.ranks, place)
        try checkReader(of: disk, sweep, isPublished: published > 0, place)
        for loss in Self.losses {
            let survivor = disk.afterPowerFailure(loss)
            try checkReader(of: survivor, sweep, isPublished: published > 0, Comment(rawValue: "\(place), \(loss)"))
        }
        try checkNextPublish(on: disk, sweep, place)
        return faulty.faultyOperation != nil
    }

    private func checkReader(
        of disk: MemoryFileSystem, _ sweep: Sweep, isPublished: Bool, _ place: Comment
    ) throws {
        Self.tally.withLock { $0.diskStates += 1 }
        let directory = CheckpointDirectory(output, fileSystem: disk)
        let listing = try directory.list()
        #expect(listing.unreadable.isEmpty, place)
        #expect(listing.manifests.map(\.name).contains(sweep.nameOfA), place)
        let newestStep = try #require(listing.manifests.first, place).checkpoint.progress.step
        #expect(isPublished ? newestStep == 2 : [1, 2].contains(newestStep), place)
        for manifest in listing.manifests {
            #expect(manifest.files.count == sweep.ranks, place)
            for file in manifest.files {
                let reader = try CkptReader(file: directory.openVerified(file, of: manifest))
                let values = try reader.tensor("w").elements(of: Float.self)
                #expect(values == [Float(manifest.checkpoint.progress.step), Float(file.rank), 0.5], place)
            }
        }
    }

    /// Whatever happened, the next run publishes as if nothing had, and leaves nothing of it behind.
    private func checkNextPublish(on disk: MemoryFileSystem, _ sweep: Sweep, _ place: Comment) throws {
        _ = try ThreadWorld.run(ranks: sweep.ranks) { world in
            let published = try publish(sweep.nameOfB, step: 3, over: world, on: disk, branch: RunBranch())
            #expect(published.warning == nil, place)
        }
        let expected = Set([sweep.nameOfA, sweep.nameOfB]).sorted()
        let folders = (0..<sweep.ranks).map { "rank_\($0)" }
        #expect(try disk.names(in: output) == expected.map { "\($0).manifest.json" } + folders, place)
        for folder in folders {
            #expect(try disk.names(in: output.appending(folder)) == expected.map { "\($0).ckpt" }, place)
        }
    }
}
