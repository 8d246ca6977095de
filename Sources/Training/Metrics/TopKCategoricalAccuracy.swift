import Memory
import Tensors

/// The share of samples whose label is among the `k` greatest logits (MindSpore's `nn.TopKCategoricalAccuracy`,
/// `nn.Top1CategoricalAccuracy`, `nn.Top5CategoricalAccuracy`). Of equal logits the first counts as the greater.
public final class TopKCategoricalAccuracy: MeanMetric {
    private let k: Int

    /// Right answers and all answers.
    public var totals: [Double] = [0, 0]

    /// Makes a metric.
    public init(k: Int) {
        insist(k > 0, "the label cannot be among the \(k) greatest logits; k is 1 or more")
        self.k = k
    }

    /// Counts the right answers, for labels as those of ``Accuracy``.
    public func update(_ outputs: EvaluationOutputs) {
        let labels = outputs.countedLabels()
        let classes = outputs.classCount
        let logits = outputs.scores
        for (place, label) in labels {
            let scores = logits[place * classes..<(place + 1) * classes]
            let own = scores.span[label]
            // Nothing is less than NaN, so that a network that has diverged is right nowhere.
            let before = (0..<classes).count { index in
                index != label && !(scores.span[index] < own || (scores.span[index] == own && index > label))
            }
            totals[0] += before < k ? 1 : 0
        }
        totals[1] += Double(labels.count)
    }
}
