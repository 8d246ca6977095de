import Foundation
import Kernels
import Testing

@Suite struct RandomTests {
    @Test func philoxGivesThePublishedAnswers() {
        // The three lines "philox4x32 10" of kat_vectors in Random123 (D. E. Shaw Research).
        let answers: [(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, result: SIMD4<UInt32>)] = [
            ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            (
                SIMD4(repeating: 0xffff_ffff), SIMD2(repeating: 0xffff_ffff),
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
            ),
        ]
        for answer in answers {
            #expect(CounterBasedGenerator.philox(counter: answer.counter, key: answer.key) == answer.result)
        }
    }

    @Test func blockIsPhiloxOfIndexStreamAndSeed() {
        let generator = CounterBasedGenerator(seed: 0x299f_31d0_a409_3822, stream: 0x0370_7344_1319_8a2e)
        #expect(generator.block(0x85a3_08d3_243f_6a88) == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
    }

    @Test(arguments: [1, 2, 3, 4, 5, 17]) func fillsAreTheSameHoweverTheyAreSplit(part: Int) {
        let generator = CounterBasedGenerator(seed: 3, stream: 4)
        let count = 103
        let uniform = written(count) { generator.fillUniform(&$0, from: 6, in: -1..<1) }
        let normal = written(count) { generator.fillNormal(&$0, from: 6) }
        for start in stride(from: 0, to: count, by: part) {
            let length = min(part, count - start)
            let first = UInt64(6 + start)
            let range = start..<start + length
            #expect(written(length) { generator.fillUniform(&$0, from: first, in: -1..<1) } == Array(uniform[range]))
            #expect(written(length) { generator.fillNormal(&$0, from: first) } == Array(normal[range]))
        }
    }

    @Test func uniformNumbersFillTheirRangeEvenly() {
        let values = written(100_000) { CounterBasedGenerator(seed: 1, stream: 1).fillUniform(&$0, in: 2..<4) }
        #expect(values.allSatisfy { (2..<4).contains($0) })
        var counts = [Int](repeating: 0, count: 20)
        for value in values { counts[min(Int((value - 2) * 10), 19)] += 1 }
        // 5000 are expected in each part, with a standard deviation of 69.
        #expect(counts.allSatisfy { abs($0 - 5000) < 350 })
    }

    @Test func normalNumbersHaveTheirMoments() {
        let values = written(100_000) {
            CounterBasedGenerator(seed: 1, stream: 1).fillNormal(&$0, mean: 3, standardDeviation: 2)
        }.map { (Double($0) - 3) / 2 }
        let count = Double(values.count)
        let moments = (1...4).map { power in values.reduce(0) { $0 + pow($1, Double(power)) } / count }
        #expect(abs(moments[0]) < 0.02 && abs(moments[1] - 1) < 0.03)
        #expect(abs(moments[2]) < 0.06 && abs(moments[3] - 3) < 0.2)
    }

    @Test func streamsAndSeedsDiffer() {
        let blocks = [(1, 1), (1, 2), (2, 1), (1 << 32, 1), (1, 1 << 32)].map { seed, stream in
            CounterBasedGenerator(seed: seed, stream: stream).block(0)
        }
        #expect(Set(blocks).count == blocks.count)
    }

    @Test(arguments: [0, 1, 2, 3, 100, 1437]) func permutationHoldsEachNumberOnce(count: Int) {
        let generator = CounterBasedGenerator(seed: 9, stream: 2)
        let order = generator.permutation(of: count)
        #expect(order.sorted() == Array(0..<count))
        #expect(order == generator.permutation(of: count))
    }

    @Test func everyOrderOfFourIsEquallyLikely() {
        var counts: [[Int]: Int] = [:]
        for stream in 0..<24_000 {
            counts[CounterBasedGenerator(seed: 7, stream: UInt64(stream)).permutation(of: 4), default: 0] += 1
        }
        // 1000 are expected of each, with a standard deviation of 31.
        #expect(counts.count == 24 && counts.values.allSatisfy { abs($0 - 1000) < 160 })
    }

    @Test func boundedNumbersReachBothEndsAndMoveThePosition() {
        let generator = CounterBasedGenerator(seed: 1, stream: 3)
        var position: UInt64 = 0
        let numbers = (0..<1000).map { _ in generator.bounded(3, at: &position) }
        #expect(Set(numbers) == [0, 1, 2] && position == 1000)
        // With a bound just above half of the range, half of the words have to be drawn again.
        let before = position
        for _ in 0..<1000 { #expect(generator.bounded(1 << 63 + 1, at: &position) <= 1 << 63) }
        #expect((1800...2200).contains(position - before))
    }
}
