import Memory
import Tensors

/// The share of samples whose greatest logit is that of their label (MindSpore's `nn.Accuracy`, "classification").
public final class Accuracy: Metric {
    /// Right answers and all answers.
    public var totals: [Double] = [0, 0]

    /// Makes a metric.
    public init() {}

    /// Forgets what was measured.
    public func clear() { totals = [0, 0] }

    /// Counts the right answers among logits [rows, …, classes] for int32 labels, or for float32 ones with a number a class,
    /// of which the greatest counts.
    public func update(_ outputs: EvaluationOutputs) {
        let (answers, labels) = (outputs.answers, outputs.classLabels)
        totals[0] += Double(zip(answers, labels).count { $0 == $1 })
        totals[1] += Double(labels.count)
    }

    /// Right answers divided by all; 0 if there were none.
    public func eval() -> Double { totals[1] == 0 ? 0 : totals[0] / totals[1] }
}

/// The share of samples whose label is among the `k` greatest logits (MindSpore's `nn.TopKCategoricalAccuracy`,
/// `nn.Top1CategoricalAccuracy`, `nn.Top5CategoricalAccuracy`). Of equal logits the first counts as the greater.
public final class TopKCategoricalAccuracy: Metric {
    private let k: Int

    /// Right answers and all answers.
    public var totals: [Double] = [0, 0]

    /// Makes a metric.
    public init(k: Int) {
        insist(k > 0, "the label cannot be among the \(k) greatest logits; k is 1 or more")
        self.k = k
    }

    /// Forgets what was measured.
    public func clear() { totals = [0, 0] }

    /// Counts the right answers.
    public func update(_ outputs: EvaluationOutputs) {
        let labels = outputs.classLabels
        let classes = outputs.classCount
        let logits = outputs.logits.slice(of: Float.self)
        for (row, label) in labels.enumerated() where 0..<classes ~= label {
            let scores = logits[row * classes..<(row + 1) * classes]
            let own = scores.span[label]
            // Nothing is less than NaN, so that a network that has diverged is right nowhere.
            let before = (0..<classes).count { index in
                index != label && !(scores.span[index] < own || (scores.span[index] == own && index > label))
            }
            totals[0] += before < k ? 1 : 0
        }
        totals[1] += Double(labels.count)
    }

    /// Right answers divided by all; 0 if there were none.
    public func eval() -> Double { totals[1] == 0 ? 0 : totals[0] / totals[1] }
}

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
        for (answer, label) in zip(outputs.answers, outputs.classLabels) where label >= 0 {
            insist(label < classes, "the label \(label) is none of \(classes) classes, 0 to \(classes - 1)")
            totals[label * classes + answer] += 1
        }
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
    final var labels: [Double] {
        (0..<classes).map { label in (0..<classes).reduce(0) { $0 + totals[label * classes + $1] } }
    }

    /// How many answers of each class there were.
    final var answers: [Double] {
        (0..<classes).map { answer in (0..<classes).reduce(0) { $0 + totals[$1 * classes + answer] } }
    }

    /// How many of them were right.
    final var right: [Double] { (0..<classes).map { totals[$0 * classes + $0] } }
}

/// A number of each class, of which a metric is the mean (MindSpore's `eval(average=True)`).
open class ClassMetric: ConfusionMatrix {
    /// Makes a metric for this many classes.
    public init(classes: Int) { super.init(classes: classes) }

    /// The number of each class; 0 where there is nothing to divide by.
    open var perClass: [Double] { right }

    /// The mean over the classes.
    public final override func eval() -> Double { perClass.reduce(0, +) / Double(classes) }

    final func shares(_ parts: [Double], of wholes: [Double]) -> [Double] {
        zip(parts, wholes).map { $1 == 0 ? 0 : $0 / $1 }
    }
}

/// Of the answers of a class, the share that is right (MindSpore's `nn.Precision`); on average over the classes.
public final class Precision: ClassMetric {
    /// That of each class.
    public override var perClass: [Double] { shares(right, of: answers) }
}

/// Of the samples of a class, the share that is found (MindSpore's `nn.Recall`); on average over the classes.
public final class Recall: ClassMetric {
    /// That of each class.
    public override var perClass: [Double] { shares(right, of: labels) }
}

/// Precision and recall in one number, in which recall counts β times as much (MindSpore's `nn.Fbeta`); on average over the
/// classes.
open class Fbeta: ClassMetric {
    private let beta: Double

    /// Makes a metric.
    public init(classes: Int, beta: Double) {
        insist(beta > 0, "the beta of an F score cannot be \(beta); it is above 0")
        self.beta = beta
        super.init(classes: classes)
    }

    /// That of each class.
    public final override var perClass: [Double] {
        let square = beta * beta
        return shares(right.map { (1 + square) * $0 }, of: zip(labels, answers).map { square * $0 + $1 })
    }
}

/// The harmonic mean of precision and recall (MindSpore's `nn.F1`); on average over the classes.
public final class F1: Fbeta {
    /// Makes a metric for this many classes.
    public init(classes: Int) { super.init(classes: classes, beta: 1) }
}
