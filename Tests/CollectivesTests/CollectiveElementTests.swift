import Collectives
import Testing

@Suite struct CollectiveElementTests {
    @Test func sumsOfWholeNumbersWrapAround() {
        #expect(UInt8.sum(200, 100) == 44)
        #expect(Int32.sum(.max, 1) == .min)
        #expect(Int64.sum(.min, -1) == .max)
    }

    @Test func wholeNumbersAreDividedTowardsZero() {
        #expect(Int32(-7).divided(among: 2) == -3)
        #expect(Int64(7).divided(among: 2) == 3)
        #expect(UInt8(255).divided(among: 2) == 127)
        #expect(Float(7).divided(among: 2) == 3.5)
        #expect(Double(-7).divided(among: 2) == -3.5)
    }

    @Test func combiningFollowsTheOperation() {
        #expect(ReduceOperation.allCases.map { $0.combine(3, 5) as Int64 } == [8, 5, 3, 8])
    }
}
