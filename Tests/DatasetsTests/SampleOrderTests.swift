import Records
import Tensors
import Testing

@testable import Datasets

/// The order of many samples, and that a run keeps the one it was begun with.
struct SampleOrderTests {
    private func permutation(of count: Int, seed: UInt64 = 1, epoch: UInt64 = 1) -> KeyedPermutation {
        KeyedPermutation(of: count, RandomSource(seed: seed, stream: epoch))
    }

    @Test func everyNumberComesOnceHoweverManyThereAre() {
        for count in 1...300 {
            let order = permutation(of: count, seed: UInt64(count))
            #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count), "\(count) numbers")
        }
    }

    @Test(arguments: [1 << 20, 1 << 20 + 1, 10_000_000_007, 1 << 40, Int.max / 4])
    func noTwoPlacesOfALongOrderHaveTheSameNumber(count: Int) {
        let order = permutation(of: count)
        let places = (0..<3000).map { $0 * (count / 3000) } + (count - 3000..<count)
        let numbers = places.map { order[$0] }
        #expect(Set(numbers).count == Set(places).count)
        #expect(numbers.allSatisfy { (0..<count).contains($0) })
    }

    /// Sums up how far counts lie from what is expected: about their number, less one, if they are random.
    private func chiSquare(_ counts: [Int], expected: Double) -> Double {
        counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    }

    @Test(arguments: [1 << 20, 10_000_000_007])
    func theFirstBatchesComeFromEverywhereAndFollowNothing(count: Int) {
        let order = permutation(of: count, seed: 3)
        let numbers = (0..<20_000).map { Double(order[$0]) / Double(count) }
        var (parts, pairs) = ([Int](repeating: 0, count: 100), [Int](repeating: 0, count: 100))
        for number in numbers { parts[Int(number * 100)] += 1 }
        for (first, second) in zip(numbers, numbers.dropFirst()) { pairs[Int(first * 10) * 10 + Int(second * 10)] += 1 }
        // 99 degrees of freedom: beyond 160 once in 10,000.
        #expect(chiSquare(parts, expected: 200) < 160)
        #expect(chiSquare(pairs, expected: 199.99) < 160)
        // Of 20,000 neighbours, none or one stay neighbours in a million.
        #expect(zip(numbers, numbers.dropFirst()).filter { abs($0 - $1) * Double(count) < 1.5 }.count <= 3)
    }

    @Test func overSeedsAndEpochsEveryPairIsAsLikelyAtTheBegin() {
        var counts = [Int](repeating: 0, count: 12 * 12)
        for seed in 0..<40 {
            for epoch in 0..<33 {
                let order = permutation(of: 12, seed: UInt64(seed), epoch: UInt64(epoch))
                counts[order[0] * 12 + order[1]] += 1
            }
        }
        let pairs = counts.indices.filter { $0 / 12 != $0 % 12 }.map { counts[$0] }
        // 1320 orders for 132 pairs; 131 degrees of freedom: beyond 200 once in 10,000.
        #expect(chiSquare(pairs, expected: 10) < 200)
    }

    @Test func aLongOrderHasNoTable() throws {
        let (small, large) = (try loader(Shuffling.tableLimit), try loader(10_000_000_000))
        #expect(small.shuffling == .fisherYates && large.shuffling == .feistel)
        #expect(small.residentByteCount == 8 << 20 && large.residentByteCount == 0)
        // The old one is said where it is large.
        #expect(Shuffling.feistel.warning(of: 10_000_000_000) == nil)
        #expect(Shuffling.fisherYates.warning(of: Shuffling.tableLimit) == nil)
        #expect(
            Shuffling.fisherYates.warning(of: 1 << 30)
                == "the run goes on in the order that it was begun with, a table of 8589 MB on each rank; a run that begins "
                + "anew needs none")
        #expect(
            Array(large.order(ofEpoch: 1, seed: 1)[5..<7])
                == Array(large.order(ofEpoch: 1, seed: 1)[4..<7])[1...].map { $0 })
    }

    /// A thousand simulated ranks have a thousandth of the memory of each.
    @Test func ranksOfOneProcessHaveOneTable() {
        let key = OrderTable.Key(count: 3, seed: 20_261_127, epoch: 1)
        let first = OrderTable.shared(key) { [2, 0, 1] }
        #expect(OrderTable.shared(key) { [] } === first)
        let next = OrderTable.shared(OrderTable.Key(count: 3, seed: 20_261_127, epoch: 2)) { [1, 0, 2] }
        #expect(next.places == [1, 0, 2] && first.places == [2, 0, 1])
    }

    private func loader(_ count: Int) throws -> DataLoader {
        try DataLoader(ManySamples(count: count), batchSize: 2, shuffle: true)
    }
}

/// Samples that are all the same, as many as one likes.
private struct ManySamples: Dataset {
    let count: Int
    let columns = [DataColumn("number", shape: [], elementType: .int32)]

    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) {}
}
