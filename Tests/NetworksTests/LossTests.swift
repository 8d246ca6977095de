import Glibc
import Graphs
import Networks
import Tensors
import Testing

@Suite struct LossTests {
    private let logits = Tensor(wave(4 * 5, 0.7, scale: 3), shape: [4, 5])

    /// Minus the logarithm of the softmax, row by row.
    private var surprises: [[Double]] {
        let x = logits.elements(of: Float.self).map(Double.init)
        return (0..<4).map { row in
            let values = x[row * 5..<row * 5 + 5]
            let logarithm = log(values.reduce(0) { $0 + exp($1) })
            return values.map { logarithm - $0 }
        }
    }

    private func loss(_ labels: Tensor, _ loss: any Loss) throws -> Float {
        try evaluated([logits, labels]) { loss.construct($0[0], $0[1]) }[0]
    }

    @Test(arguments: LossReduction.allCases) func sparseCrossEntropyPicksTheClass(reduction: LossReduction) throws {
        let labels: [Int32] = [4, 0, 2, 2]
        let total = (0..<4).reduce(0) { $0 + surprises[$1][Int(labels[$1])] }
        let expected = reduction == .mean ? total / 4 : total
        let criterion = SoftmaxCrossEntropyWithLogits(sparse: true, reduction: reduction)
        #expect(abs(Double(try loss(Tensor(labels, shape: [4]), criterion)) - expected) < 1e-5)
    }

    /// MindSpore, too, divides by all rows, not by those that count.
    @Test(arguments: LossReduction.allCases) func negativeLabelsDoNotCount(reduction: LossReduction) throws {
        let total = surprises[1][3] + surprises[3][0]
        let expected = reduction == .mean ? total / 4 : total
        let labels = Tensor([-1, 3, -1, 0] as [Int32], shape: [4])
        let criterion = SoftmaxCrossEntropyWithLogits(sparse: true, reduction: reduction)
        #expect(abs(Double(try loss(labels, criterion)) - expected) < 1e-5)
    }

    /// A class that a mask leaves out has a logit of −∞, which is no label's.
    @Test func aClassThatIsLeftOutHasNoLoss() throws {
        var values = logits.elements(of: Float.self)
        for row in 0..<4 { values[row * 5 + 1] = -.infinity }
        let masked = Tensor(values, shape: [4, 5])
        let labels = Tensor([4, 0, 2, 2] as [Int32], shape: [4])
        let losses = try [CrossEntropyLoss() as any Loss, SoftmaxCrossEntropyWithLogits(sparse: true)].map { loss in
            try evaluated([masked, labels]) { loss.construct($0[0], $0[1]) }[0]
        }
        #expect(abs(losses[0] - losses[1]) < 1e-5, "\(losses)")
    }

    @Test func aLabelThatIsIgnoredMayBeNoClass() throws {
        let labels = Tensor([4, 255, 2, -1] as [Int32], shape: [4])
        let expected = (surprises[0][4] + surprises[2][2]) / 2
        #expect(abs(Double(try loss(labels, CrossEntropyLoss(ignoreIndex: 255))) - expected) < 1e-5)
    }

    @Test(arguments: LossReduction.allCases) func denseCrossEntropyWeighsTheClasses(reduction: LossReduction) throws {
        let shares: [Float] = [0.5, 0.25, 0.25, 0, 0, 1, 0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.2, 0, 0, 0, 0.1, 0.9]
        let total = (0..<20).reduce(0) { $0 + Double(shares[$1]) * surprises[$1 / 5][$1 % 5] }
        let expected = reduction == .mean ? total / 4 : total
        let criterion = SoftmaxCrossEntropyWithLogits(reduction: reduction)
        #expect(abs(Double(try loss(Tensor(shares, shape: [4, 5]), criterion)) - expected) < 1e-5)
    }

    @Test(arguments: LossReduction.allCases) func squaredErrorIsOverAllElements(reduction: LossReduction) throws {
        let labels = wave(20, 0.2)
        let squares = zip(logits.elements(of: Float.self), labels).map { Double($0 - $1) * Double($0 - $1) }
        let expected = squares.reduce(0, +) / (reduction == .mean ? 20 : 1)
        #expect(abs(Double(try loss(Tensor(labels, shape: [4, 5]), MSELoss(reduction: reduction))) - expected) < 1e-4)
    }
}
