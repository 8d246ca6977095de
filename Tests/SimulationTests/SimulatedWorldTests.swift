import Collectives
import CollectivesTestKit
import Files
import Memory
import Simulation
import SurroundingsTestKit
import Synchronization
import Testing

struct SimulatedWorldTests {
    @Test(arguments: [1, 2, 4, 8]) func keepsThePromisesOfACommunicator(ranks: Int) throws {
        _ = try SimulatedWorld.run(ranks: ranks) { rank in
            try CommunicatorConformance(rank.world, largeCount: 1_001).run()
        }
    }

    @Test func twoRunsOfOneSeedAreTheSameToTheEvent() throws {
        func order(seed: UInt64) throws -> [Int] {
            let order = Mutex<[Int]>([])
            _ = try SimulatedWorld.run(ranks: 5, seed: seed) { rank in
                for _ in 0..<10 {
                    try rank.world.barrier()
                    order.withLock { $0.append(rank.world.rank) }
                }
            }
            return order.withLock { $0 }
        }
        #expect(try order(seed: 3) == order(seed: 3))
        #expect(try order(seed: 3) != order(seed: 4))
    }

    @Test func whoWaitsForOneThatHasLeftIsNamed() {
        #expect(
            throws: SimulationError.stuck(
                ["rank 0 waits in barrier of world for rank 1", "rank 2 waits in barrier of world for rank 1"],
                ended: [1])
        ) {
            try SimulatedWorld.run(ranks: 3) { rank in if rank.world.rank != 1 { try rank.world.barrier() } }
        }
    }

    @Test func whoWaitForEachOtherAreNamedThoughTheirThreadsLookAtSomething() {
        #expect(throws: SimulationError.self) {
            try SimulatedWorld.run(ranks: 2) { rank in
                let poll = BackgroundPoll("files", every: .seconds(1), in: rank.surroundings) {}
                var value: [UInt8] = [0]
                var span = value.mutableSpan
                try rank.world.receive(&span, from: 1 - rank.world.rank, tag: 0)
                withExtendedLifetime(poll) {}
            }
        }
    }

    @Test func callsThatDoNotMatchAreAnError() {
        let error = #expect(throws: CollectiveError.self) {
            try SimulatedWorld.run(ranks: 2) { rank in
                if rank.world.rank == 0 {
                    try rank.world.barrier()
                } else {
                    _ = try rank.world.allReduce(1, with: .sum)
                }
            }
        }
        #expect(error?.reason.contains("barrier") == true)
    }

    @Test func theErrorOfARankEndsTheOthers() {
        struct Broken: Error {}
        #expect(throws: Broken.self) {
            try SimulatedWorld.run(ranks: 4) { rank in
                if rank.world.rank == 2 { throw Broken() }
                try rank.world.barrier()
            }
        }
    }

    @Test func hoursPassInNoTime() throws {
        let elapsed = try SimulatedWorld.run(ranks: 3) { rank in
            rank.surroundings.sleep(for: .seconds(3600 * (rank.world.rank + 1)))
            try rank.world.barrier()
            return rank.surroundings.elapsed
        }
        #expect(elapsed.allSatisfy { $0 == .seconds(3 * 3600) })
    }

    @Test func aProcessThatEndsItselfIsNamed() {
        #expect(throws: SimulationError.endedProcess(rank: 1)) {
            try SimulatedWorld.run(ranks: 2) { rank in
                if rank.world.rank == 1 { rank.surroundings.endProcess(code: 75) }
            }
        }
    }

    @Test func aThousandRanksMeet() throws {
        let sums = try SimulatedWorld.run(ranks: 1000) { rank in
            try (0..<3).map { _ in try rank.world.allReduce(Int64(rank.world.rank), with: .sum) }
        }
        #expect(sums.allSatisfy { $0 == [499_500, 499_500, 499_500] })
    }
}
