import Collectives
import CollectivesTestKit
import Memory
import Testing

/// Calls that do not match end in a sentence that names both ranks and both calls, and those that do are passed on.
@Suite struct CheckedCommunicatorTests {
    @Test(arguments: [1, 2, 4]) func conforms(ranks: Int) throws {
        _ = try ThreadWorld.run(ranks: ranks) { world in
            try CommunicatorConformance(CheckedCommunicator(world), largeCount: 1_001).run()
        }
    }

    @Test(arguments: CallMismatch.allCases) func bothRanksAndBothCallsAreNamed(mismatch: CallMismatch) {
        let results = ThreadWorld.runCollecting(ranks: 4) { world in
            try mismatch.make(on: CheckedCommunicator(world))
        }
        for (rank, result) in results.enumerated() {
            guard case .failure(let error) = result else {
                Issue.record("rank \(rank) noticed nothing")
                continue
            }
            let text = "\(error)"
            #expect(mismatch.sentences.contains(where: text.contains), "rank \(rank): \(text)")
        }
    }

    @Test func groupsThatShareARankAreUsedOneAfterTheOther() {
        let results = ThreadWorld.runCollecting(ranks: 3) { world in
            let world = CheckedCommunicator(world)
            let first = try world.split(color: world.rank < 2 ? 0 : 1, key: 0, name: "pair")
            let second = try world.split(color: world.rank > 0 ? 0 : 1, key: 0, name: "pair")
            // Rank 2 is in the second pair already while rank 1 is still in the first: no mistake.
            try (world.rank < 2 ? first : second).barrier()
            try (world.rank == 2 ? first : second).barrier()
        }
        #expect(results.allSatisfy { (try? $0.get()) != nil })
    }
}
