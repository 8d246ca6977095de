public import Graphs
import LayerOperations
import Memory
import Tensors

/// What ``BatchNorm1d``, ``BatchNorm2d`` and ``SyncBatchNorm`` have alike: each channel of [N, C, ...] is brought to mean 0 and
/// deviation 1, then scaled and shifted (Ioffe and Szegedy, 2015).
///
/// In training by the moments of the batch, which move the running ones; in inference by those. The running moments are
/// saved under MindSpore's names, and are the same on all ranks.
public class BatchNorm: Cell {
    /// [features], beginning with 1.
    public let gamma: Parameter

    /// [features], beginning with 0.
    public let beta: Parameter

    /// [features]: the mean that training has seen, beginning with 0.
    public let movingMean: Parameter

    /// [features]: the variance that training has seen, beginning with 1.
    public let movingVariance: Parameter

    /// What keeps the denominator from 0.
    public let eps: Float

    /// The share of the running moments that a step keeps.
    public let momentum: Float

    /// Whether to normalise by the batch at hand; nil for in training alone.
    public let useBatchStatistics: Bool?

    private let ranks: ClosedRange<Int>
    private let isSynchronized: Bool

    fileprivate init(
        _ features: Int, eps: Float, momentum: Float, affine: Bool, useBatchStatistics: Bool?, ranks: ClosedRange<Int>,
        isSynchronized: Bool = false
    ) {
        insist(features >= 1, "a batch normalisation needs at least 1 feature, not \(features)")
        insist((0...1).contains(momentum), "momentum is \(momentum); it must be from 0 to 1")
        gamma = Parameter(shape: [features], initializer: .ones, requiresGradient: affine)
        beta = Parameter(shape: [features], initializer: .zeros, requiresGradient: affine)
        movingMean = Parameter(shape: [features], initializer: .zeros, requiresGradient: false)
        movingVariance = Parameter(shape: [features], initializer: .ones, requiresGradient: false)
        (self.eps, self.momentum, self.useBatchStatistics) = (eps, momentum, useBatchStatistics)
        (self.ranks, self.isSynchronized) = (ranks, isSynchronized)
    }

    /// See ``BatchNorm``.
    public func construct(_ x: Symbol) -> Symbol {
        insist(
            ranks.contains(x.shape.rank),
            "\(type(of: self)) needs a value of "
                + (ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)")
                + " dimensions, not \(x.type)")
        let trace = x.trace
        let (scale, shift) = (trace.symbol(for: gamma), trace.symbol(for: beta))
        guard useBatchStatistics ?? trace.isTraining else {
            return x.channelNormalized(
                scale: scale, shift: shift, mean: trace.symbol(for: movingMean),
                variance: trace.symbol(for: movingVariance), epsilon: eps)
        }
        let (result, mean, variance) =
            isSynchronized
            ? x.batchNormalizedOverRanks(scale: scale, shift: shift, epsilon: eps)
            : x.batchNormalized(scale: scale, shift: shift, epsilon: eps)
        guard trace.isTraining && useBatchStatistics == nil else { return result }
        let factor = unbiased(x)
        let move = { [self] (moments: [Symbol]) in
            trace.move(movingMean, towards: moments[0], share: 1 - momentum)
            trace.move(movingVariance, towards: moments[1] * factor, share: 1 - momentum)
        }
        if isSynchronized {
            move([mean, variance])
        } else {
            trace.atEnd(
                withMeansOverRanksOf: [mean, variance], changing: [movingMean, movingVariance], move)
        }
        return result
    }

    /// What makes the variance of these elements that of a sample, as MindSpore keeps it; 1 where the elements are those of
    /// all ranks, of whom nobody here knows how many they are.
    private func unbiased(_ x: Symbol) -> Float {
        let count = x.shape.elementCount / x.shape[1]
        return isSynchronized || count < 2 ? 1 : Float(count) / Float(count - 1)
    }

    /// The parameters, under MindSpore's names.
    public var members: [(name: String, value: Any)] {
        [
            ("moving_mean", movingMean), ("moving_variance", movingVariance), ("gamma", gamma), ("beta", beta),
        ]
    }
}

/// Batch normalisation of [N, C] or [N, C, L] (MindSpore's `nn.BatchNorm1d`); see ``BatchNorm``.
public final class BatchNorm1d: BatchNorm {
    /// Makes a layer with MindSpore's defaults.
    public init(
        _ features: Int, eps: Float = 1e-5, momentum: Float = 0.9, affine: Bool = true, useBatchStatistics: Bool? = nil
    ) {
        super.init(
            features, eps: eps, momentum: momentum, affine: affine, useBatchStatistics: useBatchStatistics, ranks: 2...3
        )
    }
}

/// Batch normalisation of [N, C, H, W] (MindSpore's `nn.BatchNorm2d`); see ``BatchNorm``.
public final class BatchNorm2d: BatchNorm {
    /// Makes a layer with MindSpore's defaults.
    public init(
        _ features: Int, eps: Float = 1e-5, momentum: Float = 0.9, affine: Bool = true, useBatchStatistics: Bool? = nil
    ) {
        super.init(
            features, eps: eps, momentum: momentum, affine: affine, useBatchStatistics: useBatchStatistics, ranks: 4...4
        )
    }
}

/// Batch normalisation by the moments of all data-parallel ranks' samples together (MindSpore's `nn.SyncBatchNorm`); see
/// ``BatchNorm``.
///
/// The result does not depend on how a batch is divided among the ranks, up to rounding. It costs two small messages a layer
/// and one more on the way back.
public final class SyncBatchNorm: BatchNorm {
    /// Makes a layer with MindSpore's defaults.
    public init(
        _ features: Int, eps: Float = 1e-5, momentum: Float = 0.9, affine: Bool = true, useBatchStatistics: Bool? = nil
    ) {
        super.init(
            features, eps: eps, momentum: momentum, affine: affine, useBatchStatistics: useBatchStatistics,
            ranks: 2...5, isSynchronized: true)
    }
}
