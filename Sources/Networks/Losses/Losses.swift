public import Graphs
import LayerOperations
import Memory

/// How far a network's output is from its labels: a scalar to make small.
public protocol Loss: AnyObject {
    /// Writes the loss of `logits` against `labels` into their graph. The result is a scalar.
    func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol

    /// The same for a ``BranchedCell``, with all its outputs and all columns of labels. By default it takes one of each, and
    /// any other number ends the program.
    func construct(_ outputs: [Symbol], _ labels: [Symbol]) -> Symbol

    /// The settings that change what it computes, by name: a run that carries on must have the same. By default its type alone.
    var settings: [String: String] { get }
}

extension Loss {
    /// Its type.
    public var settings: [String: String] { ["loss": "\(type(of: self))"] }

    /// The loss of one output against one label.
    public func construct(_ outputs: [Symbol], _ labels: [Symbol]) -> Symbol {
        insist(
            outputs.count == 1 && labels.count == 1,
            "\(type(of: self)) compares an output with a label, not \(outputs.count) with \(labels.count); write "
                + "construct(_ outputs: [Symbol], _ labels: [Symbol])")
        return construct(outputs[0], labels[0])
    }

    /// The loss, whose nodes carry its type as their scope.
    package func loss(of outputs: [Symbol], _ labels: [Symbol]) -> Symbol {
        outputs[0].trace.layer(self, called: "the loss") { construct(outputs, labels) }
    }
}

/// How the losses of the rows of a batch become one number. (MindSpore's "none" has no scalar and cannot train.)
public enum LossReduction: String, Sendable, CaseIterable {
    case mean, sum
}

extension Symbol {
    func reduced(_ reduction: LossReduction) -> Symbol {
        switch reduction {
        case .mean: mean()
        case .sum: sum()
        }
    }
}

/// The cross-entropy between the softmax of logits [rows, classes] and labels (MindSpore's
/// `nn.SoftmaxCrossEntropyWithLogits`).
///
/// Sparse labels are int32 class numbers [rows], of which negative ones do not count; others are probabilities
/// [rows, classes].
public final class SoftmaxCrossEntropyWithLogits: Loss {
    /// Whether labels are class numbers.
    public let sparse: Bool

    /// How the rows' losses become one number.
    public let reduction: LossReduction

    /// Makes a loss.
    public init(sparse: Bool = false, reduction: LossReduction = .mean) {
        self.sparse = sparse
        self.reduction = reduction
    }

    /// Its type, and how rows are joined.
    public var settings: [String: String] { ["loss": "SoftmaxCrossEntropyWithLogits (\(reduction.rawValue))"] }

    /// See ``SoftmaxCrossEntropyWithLogits``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        let losses = sparse ? logits.sparseCrossEntropy(labels: labels) : logits.crossEntropy(probabilities: labels)
        return losses.reduced(reduction)
    }
}

/// The mean of the squared differences (MindSpore's `nn.MSELoss`).
public final class MSELoss: Loss {
    /// How the squares become one number.
    public let reduction: LossReduction

    /// Makes a loss.
    public init(reduction: LossReduction = .mean) {
        self.reduction = reduction
    }

    /// Its type, and how squares are joined.
    public var settings: [String: String] { ["loss": "MSELoss (\(reduction.rawValue))"] }

    /// See ``MSELoss``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        logits.differences(from: labels).square().reduced(reduction)
    }
}
