import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import SystemPackage
import Testing

/// The mistakes that are planted in publishing are mistakes: each breaks a promise that holds without it.
struct PlantedFaultTests {
    private static let ofPublishing: [Mutant] = [
        .syncOfFileLeftOut, .syncOfFoldersLeftOut, .syncOfManifestNameLeftOut, .namesBeforeManifest,
        .failedWriteIgnored, .failureKeptToItself, .pendingOfPublishedRemoved,
    ]

    private static let faults: [FaultyFileSystem.Fault] = [.fails(.noSpace), .killsHalfway]

    private static let losses: [MemoryFileSystem.Loss] = [
        .everything, .bytes, .names, .namesOutside(output), .namesIn(output),
    ]

    @Test func publishingKeepsItsPromises() throws {
        #expect(try Self.brokenPromise() == nil)
    }

    /// In a process of its own, where no other test makes the mistake too.
    @Test(arguments: ofPublishing) func eachMistakeBreaksOne(mutant: Mutant) async {
        await #expect(processExitsWith: .success) { [number = mutant.rawValue as Int] in
            Mutant.plant(Mutant(rawValue: number))
            exit(try Self.brokenPromise() == nil ? EXIT_FAILURE : EXIT_SUCCESS)
        }
    }

    /// Publishes a set over another one of its name with a fault at each operation of each of two ranks, and says what is
    /// broken after it, or after a power failure then; nil if nothing ever is.
    private static func brokenPromise() throws -> String? {
        for rank in 0..<2 {
            for fault in faults {
                var position = 1
                var isReached = true
                while isReached {
                    let disk = try diskWithASet()
                    let faulty = FaultyFileSystem(disk, fault, at: position)
                    let outcomes = publishAgain(on: disk, faulty, ofRank: rank)
                    let place = "\(fault) at \(position) of rank \(rank)"
                    // A rank that was killed is missed by the others.
                    if fault == .fails(.noSpace), outcomes.contains(where: \.isLost) { return "disagreement: \(place)" }
                    for state in [disk] + losses.map(disk.afterPowerFailure) where isBroken(state) {
                        return "a broken set: \(place)"
                    }
                    isReached = faulty.faultyOperation != nil
                    position += 1
                }
            }
        }
        return nil
    }

    private static func diskWithASet() throws -> MemoryFileSystem {
        let disk = MemoryFileSystem()
        _ = try ThreadWorld.run(ranks: 2) { world in
            try publish("net", step: 1, over: world, on: disk, branch: RunBranch()).manifest
        }
        return disk
    }

    private static func publishAgain(
        on disk: MemoryFileSystem, _ faulty: FaultyFileSystem, ofRank rank: Int
    ) -> [Result<CheckpointPublisher.Published, any Error>] {
        ThreadWorld.runCollecting(ranks: 2) { world in
            world.rank == rank
                ? try publish("net", step: 2, over: MortalCommunicator(world, faulty), on: faulty, branch: RunBranch())
                : try publish("net", step: 2, over: world, on: disk, branch: RunBranch())
        }
    }

    /// Whether a run that begins on this disk finds no set, or one that is not whole.
    private static func isBroken(_ disk: MemoryFileSystem) -> Bool {
        let directory = CheckpointDirectory(output, fileSystem: disk)
        directory.removeLeftovers()
        guard let manifests = try? directory.list().manifests, !manifests.isEmpty else { return true }
        return manifests.contains { (try? directory.verify($0)) == nil }
    }
}

extension Result where Failure == any Error {
    /// Whether the others were missed.
    fileprivate var isLost: Bool {
        if case .failure(let error) = self { error is CollectiveError } else { false }
    }
}
