public import Graphs
import LayerOperations
import Memory
import Tensors

/// Brings each channel of each sample of [N, C, H, W] to mean 0 and deviation 1, then scales and shifts it (MindSpore's
/// `nn.InstanceNorm2d`, which runs on a GPU alone; Ulyanov et al., 2016).
///
/// It has no running moments: MindSpore's layer keeps some and never reads them.
public final class InstanceNorm2d: Cell {
    /// [features], beginning with 1.
    public let gamma: Parameter

    /// [features], beginning with 0.
    public let beta: Parameter

    private let eps: Float

    /// Makes a layer for `features` channels.
    public init(_ features: Int, eps: Float = 1e-5, affine: Bool = true) {
        insist(features >= 1, "InstanceNorm2d needs at least 1 feature, not \(features)")
        gamma = Parameter(shape: [features], initializer: .ones, requiresGradient: affine)
        beta = Parameter(shape: [features], initializer: .zeros, requiresGradient: affine)
        self.eps = eps
    }

    /// See ``InstanceNorm2d``.
    public func construct(_ x: Symbol) -> Symbol {
        insist(x.shape.rank == 4, "InstanceNorm2d needs [N, C, H, W], not \(x.type)")
        let (scale, shift) = (x.trace.symbol(for: gamma), x.trace.symbol(for: beta))
        return x.groupNormalized(groups: gamma.shape[0], scale: scale, shift: shift, epsilon: eps)
    }
}
