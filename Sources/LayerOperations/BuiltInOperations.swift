package import Graphs
import LayerKernels
import Tensors

/// An example of each operation that comes with Lockstep, for the tests that check each: numerically, against its plain
/// loop, and in MindSpore. They fail for one that has no case there; a new one of this module gets its line here.
package var builtInOperations: [any Graphs.Operation] {
    elementaryOperations + activations + layers + norms + recurrent + transformers + ofSeveralRanks + updates
}

private var activations: [any Operation] {
    let kinds: [Activation] = [
        .gelu, .silu, .leakyReLU(slope: 0.2), .elu(alpha: 1), .softplus, .hardSwish, .hardSigmoid, .relu6,
    ]
    let others: [any Operation] = [
        TanhGELU(), TanhGELU.Gradient(), RowSoftmax.softmax, RowSoftmax.logSoftmax,
        RowSoftmax.Gradient(of: .probability), RowSoftmax.Gradient(of: .logarithm),
    ]
    return kinds.reduce(into: others) { $0 += [Activate(activation: $1), Activate.Gradient(activation: $1)] }
}

private var layers: [any Operation] {
    let pooling = Pooling(kernel: [2, 2], stride: [2, 2])
    return [
        Convolve(settings: Convolution()),
        Convolve.InputGradient(settings: Convolution(), shape: [1, 1, 2, 2]),
        Convolve.WeightGradient(settings: Convolution(), shape: [1, 1, 2, 2]), MaxPool(settings: pooling),
        MaxPool.Gradient(settings: pooling, shape: [1, 1, 2, 2]),
        AveragePool(settings: .adaptive(height: 1, width: 1)),
        AveragePool.Gradient(settings: .adaptive(height: 1, width: 1), shape: [1, 1, 2, 2]), SparseCrossEntropy(),
        CrossEntropy(), ResizeImages(height: 2, width: 2, rule: .nearest),
        ResizeImages.Gradient(settings: ResizeImages(height: 2, width: 2, rule: .nearest), shape: [1, 1, 2, 2]),
    ]
}

private var norms: [any Operation] {
    [
        BatchNormalization(epsilon: 1e-5), BatchNormalization.Gradient(epsilon: 1e-5),
        ChannelNormalization(epsilon: 1e-5, momentsAreOfBatches: false), ChannelNormalization.Sums(epsilon: 1e-5),
        ChannelNormalization.Gradient(epsilon: 1e-5), BatchMoments(),
        GroupNormalization(groups: 1, epsilon: 1e-5), GroupNormalization.Gradient(groups: 1, epsilon: 1e-5),
        RMSNormalization(epsilon: 1e-5), RMSNormalization.Gradient(),
    ]
}

private var recurrent: [any Operation] {
    [
        Recurrence(rule: RecurrenceRule(cell: .lstm)),
        Recurrence.Gradient(rule: RecurrenceRule(cell: .lstm), hasLastCell: false), JoinRows(),
        JoinRows.Gradient(first: 1, second: 1),
    ]
}

private var transformers: [any Operation] {
    let attention = Attention(heads: 1, length: 2)
    return [
        LayerNormalization(epsilon: 1e-5), LayerNormalization.Gradient(), GatherRows(first: 0),
        GatherRows.Scatter(rows: 2, first: 0), Attend(settings: attention), Attend.Gradient(settings: attention),
        DropElements(settings: DropoutSettings(rate: 0.5)),
    ]
}

private var ofSeveralRanks: [any Operation] {
    [RowMaximum(), LogitSums(first: 0), ShardCrossEntropy(first: 0)]
}

private var updates: [any Operation] {
    [
        MoveTowards(share: 0.1), SGDUpdate(settings: SGDSettings()),
        MomentumUpdate(momentum: 0, weightDecay: 0, nesterov: false), AdamWUpdate(settings: AdamWSettings()),
        StepUpdate.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, nesterov: false),
        StepUpdate.lamb(beta1: 0.9, beta2: 0.999, epsilon: 1e-6, weightDecay: 0),
        StepUpdate.lion(beta1: 0.9, beta2: 0.99, weightDecay: 0),
        StepUpdate.adagrad(weightDecay: 0, updatesSlots: true),
        StepUpdate.rmsProp(decay: 0.9, momentum: 0, epsilon: 1e-10, weightDecay: 0, centered: false),
        StepUpdate.rmsProp(decay: 0.9, momentum: 0, epsilon: 1e-10, weightDecay: 0, centered: true),
        StepUpdate.adafactor(AdafactorSettings(), weightDecay: 0), AverageUpdate(decay: 0.999),
    ]
}
