import Collectives
import Tensors

/// An example of each operation that comes with Lockstep, for the tests that check each: numerically, against its plain
/// loop, and in MindSpore. They fail for one that has no case there; a new one gets its line here.
package var builtInOperations: [any Operation] {
    sources + elementwise + shapesAndSums + layers + norms + recurrent + transformers + ofSeveralRanks + updates
}

private var sources: [any Operation] {
    [
        GraphSource.input(name: "x"), GraphSource.parameter(Parameter(shape: [2], initializer: .zeros)),
        GraphSource.constant(Tensor(scalar: Float(1))),
    ]
}

private var elementwise: [any Operation] {
    [
        Unary.negate, Unary.exp, Unary.log, Unary.sqrt, Unary.square, Unary.reciprocal, Unary.tanh, Unary.sigmoid,
        Unary.relu, Scale(factor: 2), Shift(number: 2), TanhGELU(),
        Binary.add, Binary.subtract, Binary.multiply, Binary.divide, Binary.maximum, Binary.minimum, IsAtLeast(),
        ReLUGradient(), TanhGELU.Gradient(),
    ]
}

private var shapesAndSums: [any Operation] {
    [
        Reshape(shape: [2]), Transpose(order: [1, 0]), Fill(shape: [2]), AddBias(axis: 1), SumToAxis(axis: 0), Sum(),
        SumOfSquares(), SumRows(), ScaleBy(), ScaleRows(),
    ]
}

private var layers: [any Operation] {
    let pooling = Pooling(kernel: [2, 2], stride: [2, 2])
    return [
        MatrixMultiply(transposeA: false, transposeB: false), Convolve(settings: Convolution()),
        Convolve.InputGradient(settings: Convolution(), shape: [1, 1, 2, 2]),
        Convolve.WeightGradient(settings: Convolution(), shape: [1, 1, 2, 2]), MaxPool(settings: pooling),
        MaxPool.Gradient(settings: pooling, shape: [1, 1, 2, 2]),
        AveragePool(settings: .adaptive(height: 1, width: 1)),
        AveragePool.Gradient(settings: .adaptive(height: 1, width: 1), shape: [1, 1, 2, 2]), RowSoftmax(),
        RowSoftmax.Gradient(),
        SparseCrossEntropy(), CrossEntropy(),
    ]
}

private var norms: [any Operation] {
    [
        BatchNormalization(epsilon: 1e-5), BatchNormalization.Gradient(epsilon: 1e-5),
        ChannelNormalization(epsilon: 1e-5, momentsAreOfBatches: false), ChannelNormalization.Sums(epsilon: 1e-5),
        ChannelNormalization.Gradient(epsilon: 1e-5, momentsAreOfBatches: false), BatchMoments(),
        GroupNormalization(groups: 1, epsilon: 1e-5), GroupNormalization.Gradient(groups: 1, epsilon: 1e-5),
        RMSNormalization(epsilon: 1e-5), RMSNormalization.Gradient(),
    ]
}

private var recurrent: [any Operation] {
    [
        Recurrence(cell: .lstm, isReversed: false), Recurrence.Gradient(cell: .lstm, isReversed: false), JoinRows(),
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
    [
        RowMaximum(), LogitSums(first: 0), ShardCrossEntropy(first: 0), AllReduce(operation: .sum, group: "dp"),
        Replicate(group: "tp"), ReduceScatter(group: "dp", parts: 2), AllGather(group: "dp"),
    ]
}

private var updates: [any Operation] {
    [
        Assign(), Accumulate(), MoveTowards(share: 0.1), SGDUpdate(settings: SGDSettings()),
        MomentumUpdate(momentum: 0, weightDecay: 0, nesterov: false), AdamWUpdate(settings: AdamWSettings()),
    ]
}
