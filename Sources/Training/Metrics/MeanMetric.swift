/// A metric that is a mean: its totals are a sum and what that is divided by.
///
/// ```swift
/// /// The share of answers on the right side of 0.
/// final class RightSide: MeanMetric {
///     var totals: [Double] = [0, 0]
///
///     func update(_ outputs: EvaluationOutputs) {
///         let pairs = zip(outputs.logits.elements(of: Float.self), outputs.labels.elements(of: Float.self))
///         totals[0] += Double(pairs.count { $0 * $1 > 0 })
///         totals[1] += Double(outputs.rows)
///     }
/// }
/// ```
///
/// Whole numbers are the same on any number of ranks; ``ExactMean`` adds up others so that they are, too.
public protocol MeanMetric: Metric {}

extension MeanMetric {
    /// Sets both totals to 0.
    public func clear() { totals = [0, 0] }

    /// The first total divided by the second; 0 if that is 0.
    public func eval() -> Double { totals[1] == 0 ? 0 : totals[0] / totals[1] }
}
