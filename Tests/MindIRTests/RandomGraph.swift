import Graphs
import MindSporeTestKit
import RandomTestKit
import Tensors

/// A small graph of all operations that can be exported, drawn with a seed; its elements stay small.
///
/// The batch size is free: the same seed gives the same operations for every one. No other dimension becomes
/// ``batchSizes``, so that no step takes it for the batch.
struct RandomGraph {
    static let seedCount = 48

    /// The batch sizes to run with.
    static let batchSizes = [17, 19]

    /// What the graphs of all seeds together must have in them.
    static let operationNames: Set<String> = [
        "input", "parameter", "constant", "negate", "exp", "log", "sqrt", "square", "reciprocal", "tanh", "sigmoid",
        "relu", "scale", "shift", "add", "subtract", "multiply", "divide", "maximum", "minimum", "isAtLeast", "reshape",
        "transpose", "addBias", "sumToAxis", "sum", "fill", "scaleBy", "scaleRows", "sumRows", "matrixMultiply",
        "convolution", "maxPool", "softmax", "sparseCrossEntropy", "crossEntropy", "sumOfSquares", "gelu", "layerNorm",
        "gatherRows", "attention",
    ]

    private let seed: UInt64
    private let parameters = Parameters()

    init(seed: UInt64) {
        self.seed = seed
    }

    func graph(rows: Int) -> Graph {
        var dice = SeededGenerator(seed: seed)
        let trace = Trace()
        parameters.rewind()
        let labels = trace.input("labels", TensorType([rows], .int32))
        let ids = trace.input("ids", TensorType([rows, 2], .int32))
        var symbols = Self.types(rows).enumerated().map { trace.input("x\($0)", $1) }
        let steps = RandomSteps(trace: trace, labels: labels, ids: ids, rows: rows, parameters: parameters)
        for number in 0..<Int.random(in: 6...16, using: &dice) {
            let x = symbols[Int.random(in: 0..<symbols.count, using: &dice)]
            trace.scope("step\(number)") { symbols += steps.next(x, among: symbols, &dice) }
        }
        return trace.finish(outputs: Array(symbols.suffix(Int.random(in: 1...4, using: &dice))))
    }

    func inputs(rows: Int) -> [Tensor] {
        let labels = Tensor((0..<rows).map { Int32(($0 * 5 + 3) % 7) - 1 }, shape: [rows])
        let ids = Tensor((0..<2 * rows).map { Int32($0 * 3 % 7) }, shape: [rows, 2])
        return [labels, ids] + Self.types(rows).enumerated().map { random($1.shape, seed: seed &* 31 &+ UInt64($0)) }
    }

    private static func types(_ rows: Int) -> [TensorType] {
        [TensorType([rows, 6]), TensorType([rows, 4, 9, 8]), TensorType([7, 6]), TensorType([rows, 4, 5])]
    }

    /// The parameters of a graph, which all its traces share.
    final class Parameters {
        private var made: [String: Parameter] = [:]
        private var next = 0

        func rewind() { next = 0 }

        func take(_ shape: Shape) -> Parameter {
            defer { next += 1 }
            let key = "\(next) \(shape)"
            let parameter = made[key] ?? Parameter(name: "step.\(next)", value: random(shape, seed: UInt64(next)))
            made[key] = parameter
            return parameter
        }
    }
}

extension Graph {
    /// The names of its operations, without their settings.
    var operationNames: Set<String> { Set(nodes.map(\.operation.name)) }
}
