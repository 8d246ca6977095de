import Collectives
import CollectivesTestKit
import Memory
import Testing

@Suite struct ThreadWorldTests {
    @Test(arguments: [1, 2, 3, 4, 8]) func conforms(ranks: Int) throws {
        _ = try ThreadWorld.run(ranks: ranks) { world in try CommunicatorConformance(world).run() }
    }

    @Test func resultsComeInTheOrderOfRanks() throws {
        let results = try ThreadWorld.run(ranks: 5) { world in "\(world.rank) of \(world.size) in \(world.name)" }
        #expect(results == (0..<5).map { "\($0) of 5 in world" })
    }

    @Test func floatsAreAddedInTheOrderOfRanks() throws {
        let terms: [Float] = [1e8, 1, -1e8, 1]
        let sums = try ThreadWorld.run(ranks: 4) { world in
            var values = [terms[world.rank]]
            var span = values.mutableSpan
            try world.allReduce(&span, with: .sum)
            return values[0]
        }
        #expect(sums == [Float](repeating: ((1e8 + 1) - 1e8) + 1, count: 4))
    }

    @Test func droppedRequestIsCompletedFirst() throws {
        let sums = try ThreadWorld.run(ranks: 3) { world in
            let values = Slice<Int32>(zeros: 1)
            var span = values.mutableSpan
            span[0] = Int32(world.rank)
            do { try world.allReduceRequest(over: values, with: .sum).start() }
            return values.span[0]
        }
        #expect(sums == [3, 3, 3])
    }

    @Test func requestCannotBeStartedTwice() async {
        await #expect(processExitsWith: .failure) {
            _ = try ThreadWorld.run(ranks: 1) { world in
                let request = world.allReduceRequest(over: Slice<Float>(zeros: 1), with: .sum)
                try request.start()
                try request.start()
            }
        }
    }
}
