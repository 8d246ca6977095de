import Foundation

/// How many bits a language model on bytes needs for one byte of the text: its average loss in bits.
public final class BitsPerByte: Metric {
    private let loss = LossMetric()

    /// Makes a metric.
    public init() {}

    /// The sum of the losses and the number of samples.
    public var totals: [Double] {
        get { loss.totals }
        set { loss.totals = newValue }
    }

    /// Forgets what was measured.
    public func clear() { loss.clear() }

    /// Adds a step's mean loss, weighted by its samples.
    public func update(_ outputs: EvaluationOutputs) { loss.update(outputs) }

    /// The average loss in bits instead of nats; 0 if there were no samples.
    public func eval() -> Double { loss.eval() / log(2) }
}
