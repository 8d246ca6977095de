import Tensors
import Testing

@testable import Training

/// Labels that do not count, and those that are no classes.
struct LabelTests {
    private static let ofClasses: [@Sendable (EvaluationOutputs) -> Double] = [
        { measured(Accuracy(), $0) }, { measured(TopKCategoricalAccuracy(k: 1), $0) },
        { measured(ConfusionMatrix(classes: 3), $0) }, { measured(Recall(classes: 3), $0) },
        { measured(Perplexity(), $0) },
    ]

    private static func measured(_ metric: any Metric, _ outputs: EvaluationOutputs) -> Double {
        metric.update(outputs)
        return metric.eval()
    }

    private static func outputs(_ labels: [Int32]) -> EvaluationOutputs {
        let logits = (0..<labels.count).flatMap { row in (0..<3).map { Float($0 == row % 3 ? 1 : 0) } }
        return EvaluationOutputs(
            loss: 0, logits: Tensor(logits, shape: [labels.count, 3]), labels: Tensor(labels, shape: [labels.count]))
    }

    /// Two right answers of three, however many places are padding.
    @Test(arguments: 0..<5) func paddingChangesNoMetric(metric: Int) {
        let whole = Self.ofClasses[metric](Self.outputs([0, 1, 0]))
        #expect(Self.ofClasses[metric](Self.outputs([0, 1, 0, -1, -100, -1])) == whole)
        guard metric < 3 else { return }
        #expect(whole == 2.0 / 3)
    }

    /// Two pictures of 2 × 2 pixels in three classes: the classes lie along dimension 1, as in MindSpore, and the answers are the
    /// same as where they lie last.
    @Test(arguments: 0..<5) func pixelsHaveClasses(metric: Int) {
        let labels: [Int32] = [0, 1, 2, -1, 2, 2, 0, 1]
        let rows = (0..<8).map { place in (0..<3).map { Float(($0 * 5 + place * 7) % 11) } }
        let last = EvaluationOutputs(
            loss: 0, logits: Tensor(rows.flatMap(\.self), shape: [8, 3]), labels: Tensor(labels, shape: [8]))
        let planes = (0..<2).flatMap { picture in
            (0..<3).flatMap { number in (0..<4).map { rows[picture * 4 + $0][number] } }
        }
        let first = EvaluationOutputs(
            loss: 0, logits: Tensor(planes, shape: [2, 3, 2, 2]), labels: Tensor(labels, shape: [2, 2, 2]))
        #expect(Self.ofClasses[metric](first) == Self.ofClasses[metric](last))
    }

    /// A number a class for each pixel: the classes lie along dimension 1, however wide the pictures are.
    @Test func pixelsMayHaveANumberForEachClass() {
        // Every pixel is of class 1; along the width the first would win in the labels, and the second in the logits.
        let logits = Tensor((0..<8).map { Float($0) }, shape: [1, 2, 2, 2])
        let labels = Tensor([0, 0, 0, 0, 1, 1, 1, 1] as [Float], shape: [1, 2, 2, 2])
        #expect(Self.measured(Accuracy(), EvaluationOutputs(loss: 0, logits: logits, labels: labels)) == 1)
    }

    @Test func classesThatMayLieInTwoDimensionsAreRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            let logits = Tensor([Float](repeating: 0, count: 18), shape: [2, 3, 3])
            let labels = Tensor([Int32](repeating: 0, count: 6), shape: [2, 3])
            Accuracy().update(EvaluationOutputs(loss: 0, logits: logits, labels: labels))
        }
        let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(errors.contains("may lie along dimension 1 or the last"), "\(errors)")
    }

    @Test func aLabelThatIsIgnoredMayBeNoClass() {
        let metric = Perplexity(ignoreLabel: 255)
        metric.update(Self.outputs([0, 255, 1]))
        #expect(metric.totals.last == 2)
    }

    @Test func accuracyNamesALabelBeyondTheClasses() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Self.ofClasses[0](Self.outputs([0, 3]))
        }
        expectSentence(in: result)
    }

    @Test func topKNamesALabelBeyondTheClasses() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Self.ofClasses[1](Self.outputs([0, 3]))
        }
        expectSentence(in: result)
    }

    @Test func perplexityNamesALabelBeyondTheClasses() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = Self.ofClasses[4](Self.outputs([0, 3]))
        }
        expectSentence(in: result)
    }

    private func expectSentence(in result: ExitTest.Result?) {
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text == "error: the label 3 is none of 3 classes, 0 to 2\n", "\(text)")
    }
}
