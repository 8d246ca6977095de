public import Graphs
import Memory
import Tensors

/// The mean of the absolute differences (MindSpore's `nn.L1Loss`).
public final class L1Loss: Loss {
    /// How the differences become one number.
    public let reduction: LossReduction

    /// Makes a loss.
    public init(reduction: LossReduction = .mean) {
        self.reduction = reduction
    }

    /// Its type, and how differences are joined.
    public var settings: [String: String] { ["loss": "L1Loss (\(reduction.rawValue))"] }

    /// See ``L1Loss``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        logits.differences(from: labels).abs().reduced(reduction)
    }
}

/// Half the squared differences over `beta` up to `beta`, and beyond it the absolute differences less half of `beta` (MindSpore's
/// `nn.SmoothL1Loss`, whose reduction is "none" by default).
public final class SmoothL1Loss: Loss {
    /// Where squares end.
    public let beta: Float

    /// How the losses become one number.
    public let reduction: LossReduction

    /// Makes a loss.
    public init(beta: Float = 1, reduction: LossReduction = .mean) {
        insist(beta > 0, "SmoothL1Loss has a beta above 0, not \(beta)")
        self.beta = beta
        self.reduction = reduction
    }

    /// Its type, beta, and how losses are joined.
    public var settings: [String: String] { ["loss": "SmoothL1Loss (\(reduction.rawValue)), beta \(beta)"] }

    /// See ``SmoothL1Loss``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        (huber(logits, labels, beta) * (1 / beta)).reduced(reduction)
    }
}

/// Half the squared differences up to `delta`, and beyond it `delta` times the absolute differences less half of `delta`
/// (MindSpore's `nn.HuberLoss`; Huber, 1964).
public final class HuberLoss: Loss {
    /// Where squares end.
    public let delta: Float

    /// How the losses become one number.
    public let reduction: LossReduction

    /// Makes a loss.
    public init(reduction: LossReduction = .mean, delta: Float = 1) {
        insist(delta > 0, "HuberLoss has a delta above 0, not \(delta)")
        self.delta = delta
        self.reduction = reduction
    }

    /// Its type, delta, and how losses are joined.
    public var settings: [String: String] { ["loss": "HuberLoss (\(reduction.rawValue)), delta \(delta)"] }

    /// See ``HuberLoss``.
    public func construct(_ logits: Symbol, _ labels: Symbol) -> Symbol {
        huber(logits, labels, delta).reduced(reduction)
    }
}

/// m (a − m / 2), with a the absolute difference and m the smaller of it and `delta`.
private func huber(_ logits: Symbol, _ labels: Symbol, _ delta: Float) -> Symbol {
    let distance = logits.differences(from: labels).abs()
    let bounded = distance.clipped(from: 0, to: delta)
    return bounded * (distance - bounded * 0.5)
}
