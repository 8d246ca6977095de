import Collectives
import Tensors

/// An example of each operation of this module, for the tests that check each: numerically, against its plain loop, and in
/// MindSpore. They fail for one that has no case there; a new one gets its line here.
package var elementaryOperations: [any Operation] {
    sources + elementwise + shapesAndSums + ofAnyShapes + ofSeveralRanks + updates
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
        Unary.relu, Scale(factor: 2), Shift(number: 2),
        Binary.add, Binary.subtract, Binary.multiply, Binary.divide, Binary.maximum, Binary.minimum, IsAtLeast(),
        ReLUGradient(),
    ]
}

private var shapesAndSums: [any Operation] {
    [
        Reshape(shape: [2]), Transpose(order: [1, 0]), Fill(shape: [2]), AddBias(axis: 1), SumToAxis(axis: 0), Sum(),
        SumOfSquares(), SumRows(), ScaleBy(), ScaleRows(), MatrixMultiply(transposeA: false, transposeB: false),
    ]
}

private var ofAnyShapes: [any Operation] {
    [
        Broadcast.broadcastAdd, Broadcast.broadcastSubtract, Broadcast.broadcastMultiply, Broadcast.broadcastDivide,
        Broadcast.broadcastMaximum, Broadcast.broadcastMinimum, Broadcast.power, Broadcast.equal, Broadcast.notEqual,
        Broadcast.less, Broadcast.lessOrEqual, Broadcast.greater, Broadcast.greaterOrEqual,
        Expand(shape: [2]), Select(),
        Reduce.reduceSum([0], keepsDimensions: false), Reduce.reduceMean([0], keepsDimensions: false),
        Reduce.reduceMaximum([0], keepsDimensions: false), Reduce.reduceMinimum([0], keepsDimensions: false),
        Cut(starts: [0], sizes: [1], steps: [1]), Pad(before: [1], after: [0], steps: [1], value: 0),
        Concatenate(axis: 0), Gather(axis: 0), Gather.Scatter(axis: 0, shape: [2]), OneHotRows(classes: 2),
        CumulativeSum(axis: 0, exclusive: false, reverse: false), ArgMax(axis: 0),
        BatchMatrixMultiply(transposeA: false, transposeB: false),
        Unary.absolute, Unary.sign, Unary.sine, Unary.cosine, Unary.errorFunction, Unary.reciprocalRoot,
        Clip(lower: 0, upper: 1),
        Power(exponent: 2),
    ]
}

private var ofSeveralRanks: [any Operation] {
    [
        AllReduce(operation: .sum, group: "dp"), Replicate(group: "tp"), ReduceScatter(group: "dp", parts: 2),
        AllGather(group: "dp"),
    ]
}

private var updates: [any Operation] { [Assign(), Accumulate()] }
