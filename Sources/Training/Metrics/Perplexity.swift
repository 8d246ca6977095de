import Glibc
import Memory
import Tensors

/// How well a network foresees classes, such as the next word: e to the power of its average cross-entropy, computed from
/// logits [rows, …, classes] for int32 labels (MindSpore's `nn.Perplexity`, which is given probabilities).
public final class Perplexity: Metric {
    private let ignoreLabel: Int32?
    private var mean = ExactMean()

    /// Makes a metric. Labels below 0 do not count, nor do those that are `ignoreLabel`, as that of padding.
    public init(ignoreLabel: Int32? = nil) { self.ignoreLabel = ignoreLabel }

    /// The sum of the losses in pieces, and the number of labels.
    public var totals: [Double] {
        get { mean.totals }
        set { mean.totals = newValue }
    }

    /// Forgets what was measured.
    public func clear() { mean = ExactMean() }

    /// Adds the losses of a step.
    public func update(_ outputs: EvaluationOutputs) {
        let labels = outputs.countedLabels(ignoring: ignoreLabel)
        let classes = outputs.classCount
        let logits = outputs.scores
        for (place, label) in labels { mean.add(Self.loss(logits[place * classes..<(place + 1) * classes], label)) }
        mean.addCount(labels.count)
    }

    /// The cross-entropy, at most −log 1e-10 as in MindSpore.
    private static func loss(_ scores: Slice<Float>, _ label: Int) -> Double {
        let highest = scores.span.indices.reduce(-Double.infinity) { max($0, Double(scores.span[$1])) }
        let total = scores.span.indices.reduce(0.0) { $0 + exp(Double(scores.span[$1]) - highest) }
        let share = exp(Double(scores.span[label]) - highest) / total
        return max(-log(max(share, 1e-10)), 0)
    }

    /// The perplexity; 1 if there were no labels.
    public func eval() -> Double { exp(mean.value ?? 0) }
}
