public import Graphs
import LayerOperations

/// 1 / (1 + e^−x) (MindSpore's `nn.Sigmoid`).
public final class Sigmoid: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``Sigmoid``.
    public func construct(_ x: Symbol) -> Symbol { x.sigmoid() }
}

/// The hyperbolic tangent (MindSpore's `nn.Tanh`).
public final class Tanh: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``Tanh``.
    public func construct(_ x: Symbol) -> Symbol { x.tanh() }
}

/// x · σ(x), also called swish (MindSpore's `nn.SiLU`).
public final class SiLU: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``SiLU``.
    public func construct(_ x: Symbol) -> Symbol { x.silu() }
}

/// x, times `alpha` below zero (MindSpore's `nn.LeakyReLU`).
public final class LeakyReLU: Cell {
    /// The slope below zero.
    public let alpha: Float

    /// Makes a layer.
    public init(alpha: Float = 0.2) {
        self.alpha = alpha
    }

    /// See ``LeakyReLU``.
    public func construct(_ x: Symbol) -> Symbol { x.leakyReLU(slope: alpha) }
}

/// x, and `alpha` (eˣ − 1) below zero (MindSpore's `nn.ELU`, which knows an alpha of 1 alone).
public final class ELU: Cell {
    /// What it approaches far below zero, negated.
    public let alpha: Float

    /// Makes a layer.
    public init(alpha: Float = 1) {
        self.alpha = alpha
    }

    /// See ``ELU``.
    public func construct(_ x: Symbol) -> Symbol { x.elu(alpha: alpha) }
}

/// ln(1 + eˣ) (MindSpore's `mint.nn.Softplus`).
public final class Softplus: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``Softplus``.
    public func construct(_ x: Symbol) -> Symbol { x.softplus() }
}

/// x · min(max(x + 3, 0), 6) / 6 (MindSpore's `nn.HSwish`).
public final class HSwish: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``HSwish``.
    public func construct(_ x: Symbol) -> Symbol { x.hardSwish() }
}

/// min(max(x + 3, 0), 6) / 6 (MindSpore's `nn.HSigmoid`).
public final class HSigmoid: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``HSigmoid``.
    public func construct(_ x: Symbol) -> Symbol { x.hardSigmoid() }
}

/// min(max(x, 0), 6) (MindSpore's `nn.ReLU6`).
public final class ReLU6: Cell {
    /// Makes a layer.
    public init() {}

    /// See ``ReLU6``.
    public func construct(_ x: Symbol) -> Symbol { x.relu6() }
}

/// x · Φ(x), in the tanh form or by the error function (MindSpore's `nn.GELU`).
public final class GELU: Cell {
    /// Whether it is the tanh form.
    public let approximate: Bool

    /// Makes a layer.
    public init(approximate: Bool = true) {
        self.approximate = approximate
    }

    /// See ``GELU``.
    public func construct(_ x: Symbol) -> Symbol { approximate ? x.gelu() : x.erfGELU() }
}

/// The softmax along a dimension (MindSpore's `nn.Softmax`).
public final class Softmax: Cell {
    /// The dimension; from the last below 0.
    public let axis: Int

    /// Makes a layer.
    public init(axis: Int = -1) {
        self.axis = axis
    }

    /// See ``Softmax``.
    public func construct(_ x: Symbol) -> Symbol { x.softmax(axis: axis) }
}

/// The logarithm of the softmax along a dimension (MindSpore's `nn.LogSoftmax`).
public final class LogSoftmax: Cell {
    /// The dimension; from the last below 0.
    public let axis: Int

    /// Makes a layer.
    public init(axis: Int = -1) {
        self.axis = axis
    }

    /// See ``LogSoftmax``.
    public func construct(_ x: Symbol) -> Symbol { x.logSoftmax(axis: axis) }
}
