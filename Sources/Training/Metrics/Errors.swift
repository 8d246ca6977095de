import Glibc
import Memory
import Tensors

/// The absolute errors of a sample's outputs against labels of the same shape, added up, on average over the samples
/// (MindSpore's `nn.MAE`). The sum is not rounded before its end, so it is the same on any number of ranks.
public final class MAE: Metric {
    private var mean = MeanOfErrors()

    /// Makes a metric.
    public init() {}

    /// The sum of the absolute errors in pieces, and the number of samples.
    public var totals: [Double] {
        get { mean.totals }
        set { mean.totals = newValue }
    }

    /// Forgets what was measured.
    public func clear() { mean = MeanOfErrors() }

    /// Adds the errors of a step.
    public func update(_ outputs: EvaluationOutputs) { mean.update(outputs) { Double(abs($0)) } }

    /// The mean; 0 if there were no outputs.
    public func eval() -> Double { mean.value }
}

/// The squared errors of a sample's outputs against labels of the same shape, added up, on average over the samples (MindSpore's
/// `nn.MSE`). The sum is not rounded before its end, so it is the same on any number of ranks.
public final class MSE: Metric {
    private var mean = MeanOfErrors()

    /// Makes a metric.
    public init() {}

    /// The sum of the squared errors in pieces, and the number of samples.
    public var totals: [Double] {
        get { mean.totals }
        set { mean.totals = newValue }
    }

    /// Forgets what was measured.
    public func clear() { mean = MeanOfErrors() }

    /// Adds the errors of a step.
    public func update(_ outputs: EvaluationOutputs) { mean.update(outputs) { Double($0) * Double($0) } }

    /// The mean; 0 if there were no outputs.
    public func eval() -> Double { mean.value }
}

/// How well a network foresees classes, such as the next word: e to the power of its average cross-entropy, computed from
/// logits [rows, …, classes] for int32 labels (MindSpore's `nn.Perplexity`, which is given probabilities).
public final class Perplexity: Metric {
    private let ignoreLabel: Int32?
    private var sum = ExactSum()
    private var count = 0.0

    /// Makes a metric. Labels below 0 do not count, nor do those that are `ignoreLabel`, as that of padding.
    public init(ignoreLabel: Int32? = nil) { self.ignoreLabel = ignoreLabel }

    /// The sum of the losses in pieces, and the number of labels.
    public var totals: [Double] {
        get { sum.parts + [count] }
        set {
            sum.parts = Array(newValue.dropLast())
            count = newValue[newValue.count - 1]
        }
    }

    /// Forgets what was measured.
    public func clear() { (sum, count) = (ExactSum(), 0) }

    /// Adds the losses of a step.
    public func update(_ outputs: EvaluationOutputs) {
        let labels = outputs.classLabels
        let classes = outputs.classCount
        let logits = outputs.logits.slice(of: Float.self)
        for (row, label) in labels.enumerated() where label >= 0 && Int32(label) != ignoreLabel {
            let scores = logits[row * classes..<(row + 1) * classes]
            sum.add(Self.loss(scores, label))
            count += 1
        }
    }

    /// The cross-entropy, at most −log 1e-10 as in MindSpore.
    private static func loss(_ scores: Slice<Float>, _ label: Int) -> Double {
        let highest = scores.span.indices.reduce(-Double.infinity) { max($0, Double(scores.span[$1])) }
        let total = scores.span.indices.reduce(0.0) { $0 + exp(Double(scores.span[$1]) - highest) }
        let share = exp(Double(scores.span[label]) - highest) / total
        return max(-log(max(share, 1e-10)), 0)
    }

    /// The perplexity; 1 if there were no labels.
    public func eval() -> Double { count == 0 ? 1 : exp(sum.value / count) }
}

/// The sum of an error of every element, divided by the samples.
private struct MeanOfErrors {
    private var sum = ExactSum()
    private var count = 0.0

    var totals: [Double] {
        get { sum.parts + [count] }
        set {
            sum.parts = Array(newValue.dropLast())
            count = newValue[newValue.count - 1]
        }
    }

    mutating func update(_ outputs: EvaluationOutputs, _ error: (Float) -> Double) {
        let answers = outputs.logits.slice(of: Float.self)
        let labels = outputs.labels.slice(of: Float.self)
        insist(
            answers.count == labels.count,
            "errors need labels of as many elements as outputs: \(outputs.logits.type) and \(outputs.labels.type) differ"
        )
        for index in 0..<answers.count { sum.add(error(answers.span[index] - labels.span[index])) }
        count += Double(outputs.rows)
    }

    var value: Double { count == 0 ? 0 : sum.value / count }
}
