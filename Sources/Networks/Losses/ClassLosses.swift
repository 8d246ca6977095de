public import Graphs
import LayerOperations
import Memory
import Tensors

/// The cross-entropy between the softmax of logits and labels, with weights of classes, a label that does not count, and labels
/// smoothed (MindSpore's `nn.CrossEntropyLoss`).
///
/// Logits are [rows, classes] with int32 class numbers [rows], or [rows, classes, …] with [rows, …], as for segmentation; labels may
/// also be probabilities of the logits' shape. Labels below 0 do not count either. The mean is over the weights of the labels that count, and 0 if none does, where
/// MindSpore's is NaN. Over several ranks it is the mean of theirs.
public final class CrossEntropyLoss: Loss {
    private let rule: ClassRule
    private let labelSmoothing: Float

    /// Makes a loss; `weight` has a number for each class.
    public init(
        weight: [Float]? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean, labelSmoothing: Float = 0
    ) {
        insist((0...1).contains(labelSmoothing), "labels are smoothed by 0 to 1, not \(labelSmoothing)")
        rule = ClassRule(weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
        self.labelSmoothing = labelSmoothing
    }

    /// Its type, weights, what is ignored and smoothed, and how losses are joined.
    public var settings: [String: String] { ["loss": "CrossEntropyLoss (\(rule), smoothing \(labelSmoothing))"] }

    /// See ``CrossEntropyLoss``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        let logarithms = logits.classesLast().logSoftmax()
        guard labels.type.elementType != .int32 else {
            return rule.loss(of: logarithms, labels, smoothing: labelSmoothing)
        }
        insistOnOneShape(logits, labels)
        let shares = labels.classesLast() * (1 - labelSmoothing) + labelSmoothing / Float(logarithms.shape[1])
        let sum = -(rule.weighted(shares) * logarithms).sum()
        return rule.reduction == .sum ? sum : sum * (1 / Float(logarithms.shape[0]))
    }
}

/// The same of logarithms of probabilities, as ``LogSoftmax`` gives them (MindSpore's `nn.NLLLoss`).
public final class NLLLoss: Loss {
    private let rule: ClassRule

    /// Makes a loss; `weight` has a number for each class.
    public init(weight: [Float]? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean) {
        rule = ClassRule(weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
    }

    /// Its type, weights, what is ignored, and how losses are joined.
    public var settings: [String: String] { ["loss": "NLLLoss (\(rule))"] }

    /// See ``NLLLoss``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        rule.loss(of: logits.classesLast(), labels, smoothing: 0)
    }
}

/// How far a distribution, given by logarithms, is from that of the labels: Σ y (ln y − x) (MindSpore's `nn.KLDivLoss`).
public final class KLDivLoss: Loss {
    /// How the terms become one number.
    public enum Reduction: String, Sendable, CaseIterable {
        case mean, batchmean, sum
    }

    /// How the terms become one number.
    public let reduction: Reduction

    /// Makes a loss.
    public init(reduction: Reduction = .mean) {
        self.reduction = reduction
    }

    /// Its type, and how terms are joined.
    public var settings: [String: String] { ["loss": "KLDivLoss (\(reduction.rawValue))"] }

    /// See ``KLDivLoss``. A label of 0 has no term.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        insistOnOneShape(logits, labels)
        let logarithms = labels.clipped(from: .leastNormalMagnitude, to: .infinity).log()
        let terms = labels * (logarithms - logits)
        return switch reduction {
        case .mean: terms.mean()
        case .sum: terms.sum()
        case .batchmean: terms.sum() * (1 / Float(max(logits.shape[0], 1)))
        }
    }
}

/// What losses of classes have in common.
private struct ClassRule: CustomStringConvertible {
    let weight: [Float]?
    let ignoreIndex: Int
    let reduction: LossReduction

    var description: String {
        "\(reduction.rawValue), ignoring \(ignoreIndex)" + (weight.map { ", weights \($0)" } ?? "")
    }

    /// The loss of logarithms of probabilities [rows, classes] against int32 class numbers of so many rows.
    func loss(of logarithms: Symbol, _ labels: Symbol, smoothing: Float) -> Symbol {
        let (rows, classes) = (logarithms.shape[0], logarithms.shape[1])
        insist(
            labels.type.elementType == .int32 && labels.shape.elementCount == rows,
            "classes of \(rows) rows are int32 numbers, one a row, not \(labels.type)")
        var places = labels.reshaped(to: [rows]).oneHot(classes: classes, ignoring: ignoreIndex)
        if (0..<classes).contains(ignoreIndex) {
            let counted = (0..<classes).map { Float($0 == ignoreIndex ? 0 : 1) }
            places = places * labels.trace.constant(Tensor(counted, shape: [classes]))
        }
        let ofLabels = weighted(places)
        // Chosen, not multiplied: a class that a mask leaves out has a logarithm of −∞.
        let nothing = labels.trace.constant(Tensor(scalar: Float(0))).filling([rows, classes])
        var loss = -weighted(places.choosing(logarithms, otherwise: nothing)).sum()
        if smoothing > 0 {
            let ofAll = weighted(logarithms) * places.sum(over: [1], keepsDimensions: true)
            loss = loss * (1 - smoothing) + -ofAll.sum() * (smoothing / Float(classes))
        }
        // The least number above 0 stands for the weight of no labels.
        return reduction == .sum ? loss : loss / ofLabels.sum().clipped(from: .leastNormalMagnitude, to: .infinity)
    }

    /// A value [rows, classes] with each class times its weight.
    func weighted(_ x: Symbol) -> Symbol {
        guard let weight else { return x }
        insist(weight.count == x.shape[1], "\(weight.count) weights are not one for each of \(x.shape[1]) classes")
        return x * x.trace.constant(Tensor(weight, shape: [weight.count]))
    }
}

extension Symbol {
    /// [rows, classes, …] as [rows · …, classes].
    fileprivate func classesLast() -> Symbol {
        insist(shape.rank >= 2, "logits are [rows, classes] and perhaps more, not \(type)")
        guard shape.rank > 2 else { return self }
        let order = [0] + Array(2..<shape.rank) + [1]
        let classes = shape[1]
        return transposed(order).reshaped(to: [shape.elementCount / max(classes, 1), classes])
    }
}
