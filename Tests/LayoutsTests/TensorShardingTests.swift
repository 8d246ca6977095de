import Layouts
import RandomTestKit
import Testing

/// Slices and plans against ``BruteForce``, on random meshes.
struct TensorShardingTests {
    /// What a rank has after the pieces of a plan are copied to it.
    private func apply(
        _ plan: RedistributionPlan, count: Int, slices: [[Int]], throughMessages: Bool
    ) -> [Int?] {
        var result = [Int?](repeating: nil, count: count)
        for piece in plan.pieces {
            var message = [Int](repeating: -1, count: piece.targetRange.elementCount)
            for run in piece.packing {
                for index in 0..<run.count { message[run.target + index] = slices[piece.source][run.source + index] }
            }
            let runs = throughMessages ? piece.unpacking : piece.runs
            for run in runs {
                for index in 0..<run.count {
                    // No element is copied twice.
                    #expect(result[run.target + index] == nil)
                    result[run.target + index] =
                        throughMessages ? message[run.source + index] : slices[piece.source][run.source + index]
                }
            }
        }
        return result
    }

    @Test(arguments: 0..<200) func slicesAreTheOnesOfTheDefinition(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let mesh = try RandomLayout.mesh(using: &random)
        let case1 = try RandomLayout(on: mesh, using: &random)
        let sharding = try TensorSharding(of: case1.shape, case1.layout)
        let numbers = BruteForce.elements(of: case1.shape)
        for rank in 0..<mesh.rankCount {
            let expected = BruteForce.slice(of: case1.shape, case1.layout, rank: rank)
            let box = sharding.range(of: rank)
            let found = numbers.indices.filter { index in
                zip(box.ranges, numbers[index]).allSatisfy { $0.contains($1) }
            }
            #expect(found == expected, "\(case1) rank \(rank)")
            #expect(box.shape == sharding.shardShape)
            #expect(sharding.shards[sharding.shardIndex(of: rank)].ranks.contains(rank), "\(case1) rank \(rank)")
            #expect(sharding.shards.count == sharding.shardCount)
            let replicas = (0..<mesh.rankCount).filter {
                BruteForce.slice(of: case1.shape, case1.layout, rank: $0) == expected
            }
            #expect(sharding.replicaGroups.first { $0.contains(rank) } == replicas, "\(case1) rank \(rank)")
        }
    }

    @Test(arguments: 0..<200) func plansMoveEveryElementToItsPlace(seed: UInt64) throws {
        var random = SeededGenerator(seed: 1000 + seed)
        let case1 = try RandomLayout(on: RandomLayout.mesh(using: &random), using: &random)
        let case2 = try RandomLayout(on: RandomLayout.mesh(using: &random), shape: case1.shape, using: &random)
        let source = try TensorSharding(of: case1.shape, case1.layout)
        let target = try TensorSharding(of: case2.shape, case2.layout)
        let slices = (0..<case1.layout.mesh.rankCount).map {
            BruteForce.slice(of: case1.shape, case1.layout, rank: $0)
        }
        for rank in 0..<case2.layout.mesh.rankCount {
            let plan = RedistributionPlan(from: source, to: target, rank: rank)
            let expected = BruteForce.slice(of: case2.shape, case2.layout, rank: rank)
            for throughMessages in [false, true] {
                let found = apply(plan, count: expected.count, slices: slices, throughMessages: throughMessages)
                #expect(found == expected, "\(case1.layout) to \(case2.layout) rank \(rank)")
            }
            // What the rank itself holds comes from nobody else.
            for piece in plan.pieces where source.shards.contains(where: { $0.ranks.contains(rank) }) {
                let replicas = source.replicaGroups.first { $0.contains(piece.source) } ?? []
                #expect(!replicas.contains(rank) || piece.source == rank)
            }
        }
    }

    @Test(arguments: 0..<100) func chunksFollowEachOtherInTheOrderOfTheFile(seed: UInt64) throws {
        var random = SeededGenerator(seed: 2000 + seed)
        let case1 = try RandomLayout(on: RandomLayout.mesh(using: &random), using: &random)
        let limit = Int.random(in: 1...20, using: &random)
        let source = try TensorSharding(of: case1.shape, case1.layout)
        let slices = (0..<case1.layout.mesh.rankCount).map {
            BruteForce.slice(of: case1.shape, case1.layout, rank: $0)
        }
        var all: [Int?] = []
        for chunk in RowMajorChunks(of: case1.shape, elementLimit: limit) {
            #expect(chunk.elementCount <= limit)
            let plan = RedistributionPlan(from: source, covering: chunk, rank: 0)
            all += apply(plan, count: chunk.elementCount, slices: slices, throughMessages: false)
        }
        #expect(all == Array(0..<case1.shape.reduce(1, *)), "\(case1), \(limit)")
    }

    @Test func chunksAreAsLargeAsTheyMayBe() {
        #expect(
            Array(RowMajorChunks(of: [10, 4], elementLimit: 12)).map(\.shape) == [[3, 4], [3, 4], [3, 4], [1, 4]])
        #expect(Array(RowMajorChunks(of: [2, 3, 4], elementLimit: 24)).count == 1)
        #expect(
            Array(RowMajorChunks(of: [2, 7], elementLimit: 3)).map(\.shape) == [
                [1, 3], [1, 3], [1, 1], [1, 3], [1, 3], [1, 1],
            ])
        #expect(Array(RowMajorChunks(of: [], elementLimit: 1)) == [ShardRange([])])
        #expect(Array(RowMajorChunks(of: [3, 0], elementLimit: 1)) == [])
    }

    @Test func wholeRowsAreOneRun() throws {
        let mesh = try DeviceMesh(["tp": 2])
        let rows = try TensorSharding(of: [8, 4], mesh.layout("tp", nil))
        let whole = try TensorSharding(of: [8, 4], mesh.replicated(dimensionCount: 2))
        let pieces = RedistributionPlan(from: rows, to: whole, rank: 1).pieces
        #expect(pieces.map(\.source) == [0, 1])
        #expect(pieces.map { $0.runs.map { [$0.source, $0.target, $0.count] } } == [[[0, 0, 16]], [[0, 16, 16]]])
    }

    @Test func ranksThatHoldTheSameTakeTurns() throws {
        let source = try TensorSharding(of: [4], DeviceMesh(["dp": 2, "tp": 2]).layout("tp"))
        let plans = (0..<8).map { RedistributionPlan(from: source, covering: ShardRange([0..<2]), rank: $0) }
        #expect(plans.map(\.pieces[0].source) == [0, 2, 2, 2, 0, 2, 0, 2])
        let held = RedistributionPlan(from: source, covering: ShardRange([0..<2]), rank: 0, holders: { $0 == 2 })
        #expect(held.pieces[0].source == 2)
    }
}
