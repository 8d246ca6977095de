import Graphs
import Kernels
import Memory
import Tensors

// The cross-entropy of logits whose columns are divided among ranks: they have a gradient only together.

/// The greatest element of each row.
struct RowMaximum: Operation {
    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        return [TensorType([inputs[0].shape[0]])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return operands.unary { Kernels.rowMaximum($0, into: &$1, rows: rows, columns: columns) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw .partOfSeveralRanks
    }
}

/// Of a shard of logits, labels and the greatest logit of each row: the sum of e^(logit − greatest), and the logit
/// of the label or 0 where the shard does not have it.
struct LogitSums: Operation {
    let first: Int

    var inputCount: Int? { 3 }

    func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        let row = TensorType([inputs[0].shape[0]])
        return [row, row]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [nil, nil, nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (logits, labels, largest) = (operands.input(0), operands.integers(1), operands.input(2))
        let (sums, targets) = (operands.result(0), operands.result(1))
        return { [first] in
            var sum = sums.mutableSpan
            var target = targets.mutableSpan
            Kernels.logitSums(
                logits.span, labels: labels.span, largest: largest.span, into: &sum, targets: &target,
                firstColumn: first, rows: rows, columns: columns)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw .partOfSeveralRanks
    }
}

/// The cross-entropy of each row and its gradient by a shard of logits, from the logits, the labels, the greatest
/// logits and both sums over all shards.
struct ShardCrossEntropy: Operation {
    let first: Int

    var inputCount: Int? { 5 }

    func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        return [TensorType([inputs[0].shape[0]]), TensorType(inputs[0].shape)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [y[1].scalingRows(by: g), nil, nil, nil, nil]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (logits, labels, largest) = (operands.input(0), operands.integers(1), operands.input(2))
        let (sums, targets) = (operands.input(3), operands.input(4))
        let (losses, gradient) = (operands.result(0), operands.result(1))
        return { [first] in
            var loss = losses.mutableSpan
            var ofLogits = gradient.mutableSpan
            Kernels.shardedCrossEntropy(
                logits.span, labels: labels.span, largest: largest.span, sums: sums.span, targets: targets.span,
                into: &loss, gradient: &ofLogits, firstColumn: first, rows: rows, columns: columns)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw .partOfSeveralRanks
    }
}

extension Operation where Self == RowMaximum {
    static var rowMaximum: Self { Self() }
}

extension Operation where Self == LogitSums {
    static func logitSums(first: Int) -> Self { Self(first: first) }
}

extension Operation where Self == ShardCrossEntropy {
    static func shardCrossEntropy(first: Int) -> Self { Self(first: first) }
}
