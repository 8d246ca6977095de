import RandomTestKit
import Simulation
import Testing

struct ChanceTests {
    @Test func theSameSeedDecidesTheSame() {
        var one = Chance(seed: 7)
        var other = Chance(seed: 7)
        var third = Chance(seed: 8)
        let numbers = (0..<20).map { _ in one.number(below: 1000) }
        #expect(numbers == (0..<20).map { _ in other.number(below: 1000) })
        #expect(numbers != (0..<20).map { _ in third.number(below: 1000) })
    }
}
