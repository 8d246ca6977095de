import Kernels
import Testing

@Suite struct GELUTests {
    private let pool = ThreadPool(threads: 2)

    @Test(arguments: awkwardLengths + [40_000]) func valuesAndGradientsMatchTheReference(count: Int) {
        let (x, g) = (randomValues(count, in: -8..<8), randomValues(count, seed: 2))
        let y = written(count) { gelu(x.span, into: &$0, pool: pool) }
        #expect(largestError(y, written(count) { Reference.gelu(x.span, into: &$0) }) < 5e-7)
        let gradient = written(count) { geluGradient(g.span, x: x.span, into: &$0, pool: pool) }
        let expected = written(count) { Reference.geluGradient(g.span, x: x.span, into: &$0) }
        #expect(largestError(gradient, expected) < 2e-6)
    }

    @Test func gradientIsThatOfTheReferenceNumerically() {
        let x = randomValues(200, in: -4..<4)
        let ones = [Float](repeating: 1, count: 200)
        let gradient = written(200) { geluGradient(ones.span, x: x.span, into: &$0, pool: pool) }
        let error = largestGradientError(gradient, of: x, step: 4e-3) { x in
            written(x.count) { Reference.gelu(x.span, into: &$0) }.reduce(0) { $0 + Double($1) }
        }
        #expect(error < 1e-3)
    }

    @Test func farFromZeroItIsZeroOrTheElementItself() {
        let x: [Float] = [-1e18, -100, 100, 1e18, 0, -.nan]
        let y = written(6) { gelu(x.span, into: &$0, pool: pool) }
        #expect(y[..<5] == [0, 0, 100, 1e18, 0] && y[5].isNaN)
        let ones = [Float](repeating: 1, count: 6)
        let gradient = written(6) { geluGradient(ones.span, x: x.span, into: &$0, pool: pool) }
        #expect(largestError(Array(gradient[..<5]), [0, 0, 1, 1, 0.5]) < 1e-6 && gradient[5].isNaN)
    }

    @Test func bitsDoNotDependOnTheThreads() {
        let x = randomValues(50_000)
        let single = written(50_000) { gelu(x.span, into: &$0, pool: ThreadPool(threads: 1)) }
        #expect(isSame(written(50_000) { gelu(x.span, into: &$0, pool: pool) }, single))
    }
}
