/// The share of samples whose greatest logit is that of their label (MindSpore's `nn.Accuracy`, "classification").
public final class Accuracy: MeanMetric {
    /// Right answers and all answers.
    public var totals: [Double] = [0, 0]

    /// Makes a metric.
    public init() {}

    /// Counts the right answers among logits [rows, …, classes], or [rows, classes, …] beside labels [rows, …], for int32 labels, of which those below 0 do not count; or for
    /// float32 ones with a number a class, of which the greatest counts.
    public func update(_ outputs: EvaluationOutputs) {
        let (answers, labels) = (outputs.answers, outputs.countedLabels())
        totals[0] += Double(labels.count { answers[$0.place] == $0.label })
        totals[1] += Double(labels.count)
    }
}
