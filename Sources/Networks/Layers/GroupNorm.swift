public import Graphs
import LayerOperations
import Memory
import Tensors

/// Brings each group of channels of each sample of [N, C, ...] to mean 0 and deviation 1, then scales and shifts each channel
/// (MindSpore's `nn.GroupNorm`; Wu and He, 2018).
public final class GroupNorm: Cell {
    /// [channels], beginning with 1.
    public let gamma: Parameter

    /// [channels], beginning with 0.
    public let beta: Parameter

    private let groups: Int
    private let eps: Float

    /// Makes a layer for `channels` channels in `groups` groups.
    public init(_ groups: Int, _ channels: Int, eps: Float = 1e-5, affine: Bool = true) {
        insist(
            groups >= 1 && channels >= 1 && channels % groups == 0,
            "GroupNorm: \(groups) groups cannot share \(channels) channels; these must be a multiple of them")
        gamma = Parameter(shape: [channels], initializer: .ones, requiresGradient: affine)
        beta = Parameter(shape: [channels], initializer: .zeros, requiresGradient: affine)
        (self.groups, self.eps) = (groups, eps)
    }

    /// See ``GroupNorm``.
    public func construct(_ x: Symbol) -> Symbol {
        let (scale, shift) = (x.trace.symbol(for: gamma), x.trace.symbol(for: beta))
        return x.groupNormalized(groups: groups, scale: scale, shift: shift, epsilon: eps)
    }
}
