import Memory
import Tensors

/// What ``MAE`` and ``MSE`` have alike: the errors of all outputs of a sample against labels of the same shape, added up, on
/// average over the samples. The sum is not rounded before its end, so it is the same on any number of ranks.
public class ErrorMetric: Metric {
    private var mean = ExactMean()
    private let error: (Float) -> Double

    fileprivate init(_ error: @escaping (_ difference: Float) -> Double) {
        self.error = error
    }

    /// The sum of the errors in pieces, and the number of samples.
    public final var totals: [Double] {
        get { mean.totals }
        set { mean.totals = newValue }
    }

    /// Forgets what was measured.
    public final func clear() { mean = ExactMean() }

    /// Adds the errors of a step.
    public final func update(_ outputs: EvaluationOutputs) {
        let answers = outputs.logits.slice(of: Float.self)
        let labels = outputs.labels.slice(of: Float.self)
        insist(
            answers.count == labels.count,
            "errors need labels of as many elements as outputs: \(outputs.logits.type) and \(outputs.labels.type) differ"
        )
        for index in 0..<answers.count { mean.add(error(answers.span[index] - labels.span[index])) }
        mean.addCount(outputs.rows)
    }

    /// The mean; 0 if there were no outputs.
    public final func eval() -> Double { mean.value ?? 0 }
}

/// The absolute errors (MindSpore's `nn.MAE`); see ``ErrorMetric``.
public final class MAE: ErrorMetric {
    /// Makes a metric.
    public init() { super.init { Double(abs($0)) } }
}

/// The squared errors (MindSpore's `nn.MSE`); see ``ErrorMetric``.
public final class MSE: ErrorMetric {
    /// Makes a metric.
    public init() { super.init { Double($0) * Double($0) } }
}
