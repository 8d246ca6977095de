import Kernels
import LayerKernels
import Testing

/// What a normalisation gives, and the gradients of one.
private struct Norm {
    let rows: Int
    let columns: Int
    let gamma: [Float]
    let beta: [Float]

    init(_ rows: Int, _ columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        (gamma, beta) = (randomValues(columns, seed: 5), randomValues(columns, seed: 6))
    }

    func forward(_ x: [Float], threads: Int? = nil) -> (y: [Float], mean: [Float], inverse: [Float]) {
        var (means, inverses) = ([Float](repeating: .nan, count: rows), [Float](repeating: .nan, count: rows))
        var mean = means.mutableSpan
        var inverse = inverses.mutableSpan
        let y = written(rows * columns) { y in
            if let threads {
                layerNorm(
                    x.span, gamma: gamma.span, beta: beta.span, into: &y, mean: &mean, inverseDeviation: &inverse,
                    rows: rows, columns: columns, epsilon: 1e-5, pool: ThreadPool(threads: threads))
            } else {
                Reference.layerNorm(
                    x.span, gamma: gamma.span, beta: beta.span, into: &y, mean: &mean, inverseDeviation: &inverse,
                    rows: rows, columns: columns, epsilon: 1e-5)
            }
        }
        return (y, means, inverses)
    }

    func gradient(_ g: [Float], _ x: [Float], threads: Int? = nil) -> [[Float]] {
        let (_, mean, inverse) = forward(x)
        var (gammas, betas) = ([Float](repeating: .nan, count: columns), [Float](repeating: .nan, count: columns))
        var gammaGradient = gammas.mutableSpan
        var betaGradient = betas.mutableSpan
        let dx = written(rows * columns) { dx in
            if let threads {
                layerNormGradient(
                    g.span, x: x.span, gamma: gamma.span, mean: mean.span, inverseDeviation: inverse.span, into: &dx,
                    gammaGradient: &gammaGradient, betaGradient: &betaGradient, rows: rows, columns: columns,
                    pool: ThreadPool(threads: threads))
            } else {
                Reference.layerNormGradient(
                    g.span, x: x.span, gamma: gamma.span, mean: mean.span, inverseDeviation: inverse.span, into: &dx,
                    gammaGradient: &gammaGradient, betaGradient: &betaGradient, rows: rows, columns: columns)
            }
        }
        return [dx, gammas, betas]
    }
}

@Suite struct LayerNormTests {
    static let shapes = [(0, 5), (1, 1), (3, 2), (2, 15), (5, 16), (4, 17), (17, 65), (150, 33), (1100, 64)]

    @Test(arguments: shapes) func resultsMatchTheReference(rows: Int, columns: Int) {
        let norm = Norm(rows, columns)
        let x = randomValues(rows * columns, in: 3..<7)
        let (actual, expected) = (norm.forward(x, threads: 1), norm.forward(x))
        #expect(largestError(actual.y, expected.y) < 1e-5)
        #expect(largestError(actual.mean, expected.mean) < 1e-6)
        #expect(largestError(actual.inverse, expected.inverse) < 1e-5)
    }

    @Test(arguments: shapes) func gradientsMatchTheReference(rows: Int, columns: Int) {
        let norm = Norm(rows, columns)
        let (x, g) = (randomValues(rows * columns), randomValues(rows * columns, seed: 2))
        for (actual, expected) in zip(norm.gradient(g, x, threads: 1), norm.gradient(g, x)) {
            #expect(largestError(actual, expected) < 2e-5)
        }
    }

    @Test func gradientsAreThoseOfTheReferenceNumerically() {
        let norm = Norm(4, 19)
        let (x, g) = (randomValues(4 * 19), randomValues(4 * 19, seed: 2))
        let error = largestGradientError(norm.gradient(g, x, threads: 2)[0], of: x, step: 3e-3) {
            scalarProduct(norm.forward($0).y, g)
        }
        #expect(error < 1e-3)
    }

    @Test func gradientsOfGammaAndBetaAreSumsOverRows() {
        let norm = Norm(3, 2)
        let gradients = norm.gradient([1, 2, 3, 4, 5, 6], [0, 2, 4, 2, 1, 5], threads: 1)
        // Rows of two become −1 and 1, or 1 and −1.
        #expect(largestError(gradients[1], [-1 + 3 - 5, 2 - 4 + 6]) < 1e-4 && gradients[2] == [9, 12])
    }

    @Test(arguments: [2, 3]) func bitsDoNotDependOnTheThreads(threads: Int) {
        let norm = Norm(1500, 50)
        let (x, g) = (randomValues(75_000), randomValues(75_000, seed: 2))
        #expect(isSame(norm.forward(x, threads: threads).y, norm.forward(x, threads: 1).y))
        for (actual, expected) in zip(norm.gradient(g, x, threads: threads), norm.gradient(g, x, threads: 1)) {
            #expect(isSame(actual, expected))
        }
    }
}
