import Collectives
import CollectivesTestKit
import Foundation
import Memory
import Synchronization
import Testing

@Suite struct WatchedCommunicatorTests {
    @Test(arguments: [1, 2, 4]) func conforms(ranks: Int) throws {
        _ = try ThreadWorld.run(ranks: ranks) { world in
            try CommunicatorConformance(WatchedCommunicator(world, log: CollectiveLog())).run()
        }
    }

    @Test func allRanksCountTheSameCalls() throws {
        let counts = try ThreadWorld.run(ranks: 4) { world in
            let log = CollectiveLog()
            let watched = WatchedCommunicator(world, log: log)
            try watched.barrier()
            let request = watched.allReduceRequest(over: Slice<Float>(zeros: 3), with: .sum)
            try request.start()
            try request.wait()
            _ = try watched.split(color: world.rank % 2, key: 0, name: "half")
            return log.begun
        }
        #expect(counts == [3, 3, 3, 3])
    }

    /// Rank 1 of two groups looks what rank 3 waits in before it comes itself.
    @Test func logTellsTheCallThatARankWaitsInAndItsMembers() throws {
        let logs = (0..<4).map { _ in CollectiveLog() }
        let seen = try ThreadWorld.run(ranks: 4) { world -> CollectiveLog.Call? in
            let half = try WatchedCommunicator(world, log: logs[world.rank])
                .split(color: world.rank % 2, key: 0, name: "half")
            guard world.rank == 1 else {
                try half.barrier()
                return nil
            }
            var call: CollectiveLog.Call?
            while call?.name != "barrier" { call = logs[3].current }
            try half.barrier()
            return call
        }
        #expect(seen[1] == CollectiveLog.Call(name: "barrier", group: "half", members: [1, 3]))
        #expect(logs.allSatisfy { $0.current == nil })
    }
}
