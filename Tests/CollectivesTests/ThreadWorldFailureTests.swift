import Collectives
import CollectivesTestKit
import Memory
import Testing

private struct DiskIsFull: Error {}

@Suite struct ThreadWorldFailureTests {
    /// The calls in which other ranks may be when a rank fails.
    enum Call: CaseIterable {
        case barrier, allReduce, request, polledRequest, receive, split

        func make(on world: any Communicator) throws {
            switch self {
            case .barrier: try world.barrier()
            case .allReduce:
                var values: [Float] = [1]
                var span = values.mutableSpan
                try world.allReduce(&span, with: .sum)
            case .request: try started(on: world).wait()
            case .polledRequest:
                let request = try started(on: world)
                while try !request.test() {}
            case .receive:
                var values: [Float] = [1]
                var span = values.mutableSpan
                try world.receive(&span, from: 1, tag: 0)
            case .split: _ = try world.split(color: 0, key: 0, name: "group")
            }
        }

        private func started(on world: any Communicator) throws -> any AllReduceRequest {
            let request = world.allReduceRequest(over: Slice<Float>(zeros: 3), with: .sum)
            try request.start()
            return request
        }
    }

    private func reasons<Value>(_ results: [Result<Value, any Error>]) -> [String?] {
        results.map { result in
            guard case .failure(let error) = result else { return nil }
            return (error as? CollectiveError)?.reason ?? "\(error)"
        }
    }

    @Test(arguments: Call.allCases) func failingRankEndsTheCallsOfAllOthers(call: Call) {
        let results = ThreadWorld.runCollecting(ranks: 4) { world in
            if world.rank == 1 { throw DiskIsFull() }
            try call.make(on: world)
        }
        let reason = "rank 1 of world stopped with an error: DiskIsFull()"
        #expect(reasons(results) == [reason, "DiskIsFull()", reason, reason])
    }

    @Test(arguments: Call.allCases) func rankThatReturnsEarlyEndsTheCallsOfAllOthers(call: Call) throws {
        let results = ThreadWorld.runCollecting(ranks: 3) { world in
            if world.rank != 1 { try call.make(on: world) }
        }
        let reasons = reasons(results)
        #expect(reasons[1] == nil)
        for reason in [reasons[0], reasons[2]] {
            #expect(try #require(reason).hasPrefix("rank 1 of world has returned, but rank "))
        }
    }

    @Test func laterCallsFailToo() {
        let results = ThreadWorld.runCollecting(ranks: 2) { world in
            if world.rank == 1 { throw DiskIsFull() }
            #expect(throws: CollectiveError.self) { try world.barrier() }
            try world.send([UInt8(1)].span, to: 1, tag: 0)
        }
        #expect(reasons(results)[0] == "rank 1 of world stopped with an error: DiskIsFull()")
    }

    @Test func runThrowsWhatTheFirstRankThrew() {
        #expect(throws: DiskIsFull.self) {
            try ThreadWorld.run(ranks: 4) { world in
                if world.rank == 2 { throw DiskIsFull() }
                try world.barrier()
            }
        }
    }

    @Test func groupsWithoutTheRankThatReturnedCarryOn() throws {
        let sizes = try ThreadWorld.run(ranks: 3) { world in
            let group = try world.split(color: world.rank == 0 ? 0 : 1, key: 0, name: "group")
            if world.rank > 0 { for _ in 0..<10 { try group.barrier() } }
            return group.size
        }
        #expect(sizes == [1, 2, 2])
    }

    @Test func mismatchedCallsAreBothNamed() {
        let results = ThreadWorld.runCollecting(ranks: 2) { world in
            try (world.rank == 0 ? Call.allReduce : Call.barrier).make(on: world)
        }
        let one = "rank 0 of world calls allReduce(1 float32, sum), but rank 1 calls barrier()"
        let other = "rank 1 of world calls barrier(), but rank 0 calls allReduce(1 float32, sum)"
        let reasons = reasons(results)
        #expect(reasons[0] == reasons[1])
        #expect([one, other].contains(reasons[0]))
    }

    @Test func mismatchedCountsAreBothNamed() throws {
        let results = ThreadWorld.runCollecting(ranks: 3) { world in
            var values = [Int32](repeating: 0, count: world.rank == 2 ? 4 : 5)
            var span = values.mutableSpan
            try world.broadcast(&span, from: 0)
        }
        for reason in reasons(results) {
            let reason = try #require(reason)
            #expect(reason.contains("broadcast(4 int32, from: 0)") && reason.contains("broadcast(5 int32, from: 0)"))
        }
    }

    @Test func messageOfAnotherLengthIsRefused() {
        let results = ThreadWorld.runCollecting(ranks: 2) { world in
            var values: [Double] = [1, 2, 3]
            if world.rank == 0 { return try world.send(values.span, to: 1, tag: 0) }
            values.append(4)
            var span = values.mutableSpan
            try world.receive(&span, from: 0, tag: 0)
        }
        #expect(reasons(results) == [nil, "rank 0 sent 3 float64 where 4 float64 were expected"])
    }

    @Test func ranksThatAllWaitForEachOtherAreToldSo() {
        let results = ThreadWorld.runCollecting(ranks: 2) { world in
            var values: [Int64] = [0]
            var span = values.mutableSpan
            try world.receive(&span, from: 1 - world.rank, tag: 9)
        }
        let reason =
            "all ranks wait for each other: rank 0 in receive(1 int64, from: 1, tag: 9), "
            + "rank 1 in receive(1 int64, from: 0, tag: 9)"
        #expect(reasons(results) == [reason, reason])
    }

    @Test func unknownRootIsRefused() throws {
        let error = #expect(throws: CollectiveError.self) {
            try ThreadWorld.run(ranks: 2) { world in
                var values: [Float] = [0]
                var span = values.mutableSpan
                try world.broadcast(&span, from: 2)
            }
        }
        #expect(error?.reason == "there is no rank 2 in a group of 2")
    }
}
