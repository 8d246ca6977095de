import Kernels
import Testing

@Suite struct CrossEntropyTests {
    static let shapes = [(0, 10), (1, 1), (3, 10), (5, 15), (4, 16), (7, 17), (2, 1000)]

    /// Labels from −1 (ignored) to the last class.
    private func labels(_ rows: Int, _ classes: Int) -> [Int32] {
        (0..<rows).map { Int32($0 * 7 % (classes + 1)) - 1 }
    }

    /// Rows of probabilities that sum to 1, some of them 0.
    private func probabilities(_ rows: Int, _ classes: Int) -> [Float] {
        var values = randomValues(rows * classes, seed: 8, in: -0.5..<1).map { max($0, 0) }
        for row in 0..<rows {
            values[row * classes] += 1
            let total = values[row * classes..<(row + 1) * classes].reduce(0, +)
            for i in row * classes..<(row + 1) * classes { values[i] /= total }
        }
        return values
    }

    private func losses(
        _ rows: Int, _ classes: Int, _ kernel: (inout MutableSpan<Float>, inout MutableSpan<Float>) -> Void
    ) -> ([Float], [Float]) {
        var gradient = [Float](repeating: .nan, count: rows * classes)
        var span = gradient.mutableSpan
        let losses = written(rows) { kernel(&$0, &span) }
        return (losses, gradient)
    }

    @Test(arguments: shapes) func softmaxAndItsLogarithmMatchTheirReferences(rows: Int, columns: Int) {
        let x = randomValues(rows * columns, in: -30..<30)
        let probabilities = written(x.count) { softmax(x.span, into: &$0, rows: rows, columns: columns) }
        let expected = written(x.count) { Reference.softmax(x.span, into: &$0, rows: rows, columns: columns) }
        #expect(largestError(probabilities, expected) < 1e-6)
        let logarithms = written(x.count) { logSoftmax(x.span, into: &$0, rows: rows, columns: columns) }
        let expectedLogarithms = written(x.count) {
            Reference.logSoftmax(x.span, into: &$0, rows: rows, columns: columns)
        }
        #expect(largestError(logarithms, expectedLogarithms) < 1e-6)
    }

    @Test(arguments: shapes) func sparseLossAndGradientMatchTheReference(rows: Int, classes: Int) {
        let (x, labels) = (randomValues(rows * classes, in: -30..<30), labels(rows, classes))
        let (loss, gradient) = losses(rows, classes) {
            sparseCrossEntropy(x.span, labels: labels.span, into: &$0, gradient: &$1, rows: rows, classes: classes)
        }
        let (expected, expectedGradient) = losses(rows, classes) {
            Reference.sparseCrossEntropy(
                x.span, labels: labels.span, into: &$0, gradient: &$1, rows: rows, classes: classes)
        }
        #expect(largestError(loss, expected) < 1e-6)
        #expect(largestError(gradient, expectedGradient) < 1e-6)
    }

    @Test(arguments: shapes) func denseLossAndGradientMatchTheReference(rows: Int, classes: Int) {
        let (x, labels) = (randomValues(rows * classes, in: -30..<30), probabilities(rows, classes))
        let (loss, gradient) = losses(rows, classes) {
            denseCrossEntropy(x.span, labels: labels.span, into: &$0, gradient: &$1, rows: rows, classes: classes)
        }
        let (expected, expectedGradient) = losses(rows, classes) {
            Reference.denseCrossEntropy(
                x.span, labels: labels.span, into: &$0, gradient: &$1, rows: rows, classes: classes)
        }
        #expect(largestError(loss, expected) < 2e-6)
        #expect(largestError(gradient, expectedGradient) < 1e-6)
    }

    @Test(arguments: shapes.dropLast()) func gradientsAreThoseOfTheReferencesNumerically(rows: Int, classes: Int) {
        let x = randomValues(rows * classes)
        let (labels, probabilities) = (labels(rows, classes), probabilities(rows, classes))
        let (_, sparse) = losses(rows, classes) {
            sparseCrossEntropy(x.span, labels: labels.span, into: &$0, gradient: &$1, rows: rows, classes: classes)
        }
        let (_, dense) = losses(rows, classes) {
            denseCrossEntropy(
                x.span, labels: probabilities.span, into: &$0, gradient: &$1, rows: rows, classes: classes)
        }
        let sparseError = largestGradientError(sparse, of: x, step: 1e-2) { x in
            losses(rows, classes) {
                Reference.sparseCrossEntropy(
                    x.span, labels: labels.span, into: &$0, gradient: &$1, rows: rows, classes: classes)
            }.0.reduce(0) { $0 + Double($1) }
        }
        let denseError = largestGradientError(dense, of: x, step: 1e-2) { x in
            losses(rows, classes) {
                Reference.denseCrossEntropy(
                    x.span, labels: probabilities.span, into: &$0, gradient: &$1, rows: rows, classes: classes)
            }.0.reduce(0) { $0 + Double($1) }
        }
        #expect(sparseError < 2e-4 && denseError < 2e-4)
    }

    @Test func hugeLogitsDoNotOverflow() {
        let x: [Float] = [1e30, -1e30, 0, 3e38, -3e38, 1]
        let labels: [Int32] = [0, -5]
        let (loss, gradient) = losses(2, 3) {
            sparseCrossEntropy(x.span, labels: labels.span, into: &$0, gradient: &$1, rows: 2, classes: 3)
        }
        #expect(loss == [0, 0] && gradient == [Float](repeating: 0, count: 6))
    }

    @Test func aClassOfProbabilityZeroMayHaveALogitOfMinusInfinity() {
        let (x, labels): ([Float], [Float]) = ([-.infinity, 0, 0], [0, 0.5, 0.5])
        let (loss, gradient) = losses(1, 3) {
            denseCrossEntropy(x.span, labels: labels.span, into: &$0, gradient: &$1, rows: 1, classes: 3)
        }
        #expect(largestError(loss, [0.693_147_2]) < 1e-6 && gradient == [0, 0, 0])
    }
}
