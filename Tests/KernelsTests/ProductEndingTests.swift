import Kernels
import Testing

/// Products that finish their result against the product and the kernels after it: the bits are the same.
@Suite struct ProductEndingTests {
    /// One element, nothing to add, edges of tiles and lanes, several blocks of depth and of rows.
    static let sizes = [
        (0, 5, 3), (1, 1, 1), (3, 4, 0), (12, 32, 7), (13, 33, 40), (6, 17, 300), (200, 70, 20), (37, 1030, 9),
        (64, 120, 260), (19, 70, 50),
    ]

    private struct Case {
        let m: Int
        let n: Int
        let k: Int
        let transposeA: Bool
        let transposeB: Bool
        let a: [Float]
        let b: [Float]
        let bias: [Float]
        let addend: [Float]
        let pool: ThreadPool

        init(_ sizes: (Int, Int, Int), _ transposeA: Bool, _ transposeB: Bool, threads: Int) {
            (m, n, k) = sizes
            (self.transposeA, self.transposeB) = (transposeA, transposeB)
            a = randomValues(m * k, seed: 1)
            b = randomValues(k * n, seed: 2)
            bias = randomValues(n, seed: 3)
            addend = randomValues(m * n, seed: 4)
            pool = ThreadPool(threads: threads)
        }

        var count: Int { m * n }

        /// The product alone.
        var product: [Float] {
            written(count) {
                matrixMultiply(
                    a.span, b.span, into: &$0, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
                    pool: pool)
            }
        }

        /// The product and the bias, one after the other.
        var sum: [Float] {
            let product = product
            return written(count) { addBias(product.span, bias: bias.span, into: &$0, rows: m, columns: n) }
        }
    }

    private static var cases: [Case] {
        sizes.flatMap { sizes in
            [(false, false, 1), (true, false, 2), (false, true, 1), (false, true, 2)].map {
                Case(sizes, $0, $1, threads: $2)
            }
        }
    }

    @Test func biasAndAddendAreAdded() {
        for test in Self.cases {
            let sum = test.sum
            let biased = written(test.count) {
                matrixMultiply(
                    test.a.span, test.b.span, bias: test.bias.span, into: &$0, m: test.m, n: test.n, k: test.k,
                    transposeA: test.transposeA, transposeB: test.transposeB, pool: test.pool)
            }
            #expect(isSame(biased, sum))
            let added = written(test.count) {
                matrixMultiply(
                    test.a.span, test.b.span, bias: test.bias.span, addend: test.addend.span, into: &$0, m: test.m,
                    n: test.n, k: test.k, transposeA: test.transposeA, transposeB: test.transposeB, pool: test.pool)
            }
            #expect(isSame(added, written(test.count) { add(sum.span, test.addend.span, into: &$0) }))
        }
    }

    @Test func sumsAreRectified() {
        for test in Self.cases {
            let sum = test.sum
            let actual = written(test.count) {
                matrixMultiplyReLU(
                    test.a.span, test.b.span, bias: test.bias.span, into: &$0, m: test.m, n: test.n, k: test.k,
                    transposeA: test.transposeA, transposeB: test.transposeB, pool: test.pool)
            }
            #expect(isSame(actual, written(test.count) { relu(sum.span, into: &$0) }))
        }
    }

    @Test func geluIsTakenOfTheSumsWhichStay() {
        for test in Self.cases {
            let sum = test.sum
            var kept = [Float](repeating: .nan, count: test.count)
            var activated = kept
            var target = kept.mutableSpan
            var gated = activated.mutableSpan
            matrixMultiplyGELU(
                test.a.span, test.b.span, bias: test.bias.span, into: &target, activated: &gated, m: test.m, n: test.n,
                k: test.k, transposeA: test.transposeA, transposeB: test.transposeB, pool: test.pool)
            #expect(isSame(kept, sum))
            #expect(isSame(activated, written(test.count) { gelu(sum.span, into: &$0, pool: test.pool) }))
        }
    }

    @Test func productIsPassedBackThroughGELU() {
        for test in Self.cases {
            let product = test.product
            let actual = written(test.count) {
                matrixMultiplyGELUGradient(
                    test.a.span, test.b.span, x: test.addend.span, into: &$0, m: test.m, n: test.n, k: test.k,
                    transposeA: test.transposeA, transposeB: test.transposeB, pool: test.pool)
            }
            let expected = written(test.count) {
                geluGradient(product.span, x: test.addend.span, into: &$0, pool: test.pool)
            }
            #expect(isSame(actual, expected))
        }
    }
}
