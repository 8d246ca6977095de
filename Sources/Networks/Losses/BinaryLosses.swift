public import Graphs
import LayerOperations
import Memory
public import Tensors

/// The cross-entropy between the sigmoid of logits and labels of 0 to 1, element by element (MindSpore's `nn.BCEWithLogitsLoss`).
///
/// y softplus(−x) · posWeight + (1 − y) softplus(x), each times its weight.
public final class BCEWithLogitsLoss: Loss {
    /// How the losses become one number; the mean is over all elements, whatever their weights.
    public let reduction: LossReduction

    /// A weight for each loss, of a shape that fits; nil for 1.
    public let weight: Tensor?

    /// How much more labels of 1 count, of a shape that fits; nil for 1.
    public let posWeight: Tensor?

    /// Makes a loss.
    public init(reduction: LossReduction = .mean, weight: Tensor? = nil, posWeight: Tensor? = nil) {
        self.reduction = reduction
        self.weight = weight
        self.posWeight = posWeight
    }

    /// Its type, weights, and how losses are joined.
    public var settings: [String: String] {
        ["loss": "BCEWithLogitsLoss (\(reduction.rawValue))\(weights(weight))\(weights(posWeight, "posWeight"))"]
    }

    /// See ``BCEWithLogitsLoss``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        insistOnOneShape(logits, labels)
        var ofOnes = labels * (-logits).softplus()
        if let posWeight { ofOnes = ofOnes * logits.trace.constant(posWeight) }
        let losses = ofOnes + (-labels + 1) * logits.softplus()
        return weight.map { losses * logits.trace.constant($0) }?.reduced(reduction) ?? losses.reduced(reduction)
    }
}

/// The cross-entropy between probabilities and labels of 0 to 1, element by element (MindSpore's `nn.BCELoss`).
///
/// −y ln x − (1 − y) ln(1 − x), no logarithm below −87.
public final class BCELoss: Loss {
    /// How the losses become one number.
    public let reduction: LossReduction

    /// A weight for each loss, of a shape that fits; nil for 1.
    public let weight: Tensor?

    /// Makes a loss.
    public init(weight: Tensor? = nil, reduction: LossReduction = .mean) {
        self.weight = weight
        self.reduction = reduction
    }

    /// Its type, weights, and how losses are joined.
    public var settings: [String: String] { ["loss": "BCELoss (\(reduction.rawValue))\(weights(weight))"] }

    /// See ``BCELoss``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        insistOnOneShape(logits, labels)
        // The least number above 0 has a logarithm of −87, where the slope ends too.
        func logarithm(_ x: Symbol) -> Symbol { x.clipped(from: .leastNormalMagnitude, to: .infinity).log() }
        let losses = -(labels * logarithm(logits) + (-labels + 1) * logarithm(-logits + 1))
        return weight.map { losses * logits.trace.constant($0) }?.reduced(reduction) ?? losses.reduced(reduction)
    }
}

extension Loss {
    /// Ends the program where arithmetic would repeat values to fit: outputs [rows, 1] beside labels [rows] would become a matrix.
    public func insistOnOneShape(_ logits: Symbol, _ labels: Symbol) {
        insist(
            logits.shape == labels.shape,
            "\(type(of: self)) compares two values of one shape, not \(logits.type) with \(labels.type)")
    }
}

/// Weights as settings say them.
private func weights(_ tensor: Tensor?, _ name: String = "weights") -> String {
    tensor.map { ", \(name) \($0.shape) \($0.elements(of: Float.self))" } ?? ""
}
