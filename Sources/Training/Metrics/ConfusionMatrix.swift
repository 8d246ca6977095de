import Memory
import Tensors

/// How often samples of each class are taken for each class (MindSpore's `nn.ConfusionMatrix`).
///
/// The counts are whole numbers, so that they are the same on any number of ranks. Labels below 0 do not count.
open class ConfusionMatrix: Metric {
    /// How counts are divided (MindSpore's `normalize`).
    public enum Normalization: String, Sendable, CaseIterable {
        /// Not at all.
        case none = "no_norm"
        /// By those of the same label.
        case target
        /// By those of the same answer.
        case prediction
        /// By all.
        case all
    }

    /// The number of classes.
    public let classes: Int

    private let normalization: Normalization

    /// The counts, label by label, and for each answer by answer.
    public var totals: [Double]

    /// Makes a metric for this many classes.
    public init(classes: Int, normalize: Normalization = .none) {
        insist(classes > 0, "there cannot be \(classes) classes")
        self.classes = classes
        normalization = normalize
        totals = Array(repeating: 0, count: classes * classes)
    }

    /// Forgets what was measured.
    public func clear() { totals = Array(repeating: 0, count: classes * classes) }

    /// Counts the answers of a step.
    public func update(_ outputs: EvaluationOutputs) {
        insist(
            outputs.classCount == classes,
            "\(type(of: self)) is for \(classes) classes, and the outputs \(outputs.logits.type) have \(outputs.classCount)"
        )
        let answers = outputs.answers
        for (place, label) in outputs.countedLabels() { totals[label * classes + answers[place]] += 1 }
    }

    /// The counts, or shares of them: a row a label, a column an answer.
    public var matrix: [[Double]] {
        let (rows, columns, sum) = (labels, answers, labels.reduce(0, +))
        return (0..<classes).map { label in
            (0..<classes).map { answer in
                let count = totals[label * classes + answer]
                let whole =
                    switch normalization {
                    case .none: 1.0
                    case .target: rows[label]
                    case .prediction: columns[answer]
                    case .all: sum
                    }
                return whole == 0 ? 0 : count / whole
            }
        }
    }

    /// The share of right answers; 0 if there were none. A subclass may say something else.
    open func eval() -> Double {
        let all = labels.reduce(0, +)
        return all == 0 ? 0 : right.reduce(0, +) / all
    }

    /// How many samples of each class there were.
    public final var labels: [Double] {
        (0..<classes).map { label in (0..<classes).reduce(0) { $0 + totals[label * classes + $1] } }
    }

    /// How many answers of each class there were.
    public final var answers: [Double] {
        (0..<classes).map { answer in (0..<classes).reduce(0) { $0 + totals[$1 * classes + answer] } }
    }

    /// How many answers of each class were right.
    public final var right: [Double] { (0..<classes).map { totals[$0 * classes + $0] } }
}
