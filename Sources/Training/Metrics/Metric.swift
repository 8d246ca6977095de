import Collectives
import Memory
public import Tensors

/// Something that an evaluation measures, such as the share of right answers (MindSpore's `Metric`).
///
/// A metric keeps sums, which add up over batches and over ranks.
public protocol Metric: AnyObject {
    /// The sums so far.
    var totals: [Double] { get set }

    /// Forgets what was measured.
    func clear()

    /// Adds the outputs of a step on one rank.
    func update(_ outputs: EvaluationOutputs)

    /// The result, from the sums.
    func eval() -> Double
}

/// What came out of an evaluation step on one rank.
public struct EvaluationOutputs: Sendable {
    /// The loss of these samples.
    public let loss: Float

    /// What the network answered, [rows, …]: of a ``BranchedCell`` its first output.
    public var logits: Tensor { outputs[0] }

    /// What it should have answered, [rows, …]: of several columns of labels the first.
    public var labels: Tensor { targets[0] }

    /// All outputs of the network.
    public let outputs: [Tensor]

    /// All columns of labels.
    public let targets: [Tensor]

    /// The number of samples.
    public var rows: Int { logits.shape[0] }

    /// Outputs of a network with one output, for one column of labels: to try a metric by itself.
    public init(loss: Float, logits: Tensor, labels: Tensor) {
        self.loss = loss
        outputs = [logits]
        targets = [labels]
    }

    /// Takes the outputs of an evaluation program apart: the loss, the first output and the first label, then the other outputs
    /// and the other labels.
    init(_ results: [Tensor], labelCount: Int) {
        loss = results[0].slice(of: Float.self).span[0]
        let others = results.dropFirst(3)
        outputs = [results[1]] + others.dropLast(labelCount - 1)
        targets = [results[2]] + others.suffix(labelCount - 1)
    }
}

extension Metric {
    /// The result over the samples of all ranks.
    func joined(over world: any Communicator) throws(CollectiveError) -> Double {
        var sums = totals
        var span = sums.mutableSpan
        try world.allReduce(&span, with: .sum)
        totals = sums
        return eval()
    }
}

/// The average loss of a sample (MindSpore's `nn.Loss`, which averages over batches instead).
public final class LossMetric: MeanMetric {
    /// The sum of the losses and the number of samples.
    public var totals: [Double] = [0, 0]

    /// Makes a metric.
    public init() {}

    /// Adds a step's mean loss, weighted by its samples.
    public func update(_ outputs: EvaluationOutputs) {
        totals[0] += Double(outputs.loss) * Double(outputs.rows)
        totals[1] += Double(outputs.rows)
    }
}
