import MindSporeTestKit
import RandomTestKit
import Tensors

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// A graph of some operations on values of any shapes, or of activations, whose batch size is free; each result is an output.
struct AnyShapeGraph {
    /// What is in it, for people.
    let name: String

    private let body: (Values) -> [Symbol]

    /// The inputs of each graph.
    struct Values {
        /// [rows, 4, 6]
        let x: Symbol
        /// [4, 1]
        let y: Symbol
        /// [rows, 3, 4, 5]
        let images: Symbol
        /// Int32 [5], below 4.
        let ids: Symbol
    }

    func graph(rows: Int) -> Graph {
        let trace = Trace()
        let values = Values(
            x: trace.input("x", TensorType([rows, 4, 6])), y: trace.input("y", TensorType([4, 1])),
            images: trace.input("images", TensorType([rows, 3, 4, 5])), ids: trace.input("ids", TensorType([5], .int32))
        )
        return trace.finish(outputs: body(values))
    }

    static func inputs(rows: Int) -> [Tensor] {
        let shapes: [Shape] = [[rows, 4, 6], [4, 1], [rows, 3, 4, 5]]
        let ids = Tensor([3, 0, 2, 1, 3] as [Int32], shape: [5])
        return shapes.enumerated().map { random($1, seed: UInt64($0 + 3)) } + [ids]
    }

    /// The operations that are in one of the graphs.
    static var operationNames: Set<String> {
        all.reduce(into: []) { $0.formUnion($1.graph(rows: 2).operationNames) }
    }

    static var all: [AnyShapeGraph] {
        [
            AnyShapeGraph(name: "arithmetic") { of in
                [
                    of.x + of.y, of.x - of.y, of.x * of.y, of.x / (of.y.square() + 1), of.x.maximum(of.y),
                    of.x.minimum(of.y), (of.x.square() + 0.5).raised(to: of.y), (of.x.square() + 0.5).raised(to: 1.5),
                ]
            },
            AnyShapeGraph(name: "comparisons") { of in
                let (x, y) = (of.x, of.y)
                return [
                    x.isEqual(to: y), x.isNotEqual(to: y), x.isLess(than: y), x.isAtMost(y), x.isGreater(than: y),
                    x.isAtLeast(y), x.isLess(than: y).choosing(x, otherwise: x * 2),
                ]
            },
            AnyShapeGraph(name: "reductions") { of in
                [
                    of.x.sum(over: [1]), of.x.sum(over: [0, 2], keepsDimensions: true), of.x.mean(over: [2, 1]),
                    of.x.maximum(over: [-1], keepsDimensions: true), of.x.minimum(over: [1]),
                    of.x.variance(over: [1, 2]), of.x.argmax(), of.x.cumulativeSum(axis: 1),
                    of.x.cumulativeSum(axis: 2, exclusive: true, reverse: true),
                ]
            },
            AnyShapeGraph(name: "parts") { of in
                [
                    of.x.sliced(along: 1, from: 1, count: 2), of.x.sliced(along: 2, from: 1, count: 3, step: 2),
                    of.x.padded(before: [0, 1, 0], after: [0, 0, 2]),
                    of.images.padded(before: [0, 0, 1, 2], after: [0, 1, 0, 3], with: 0.5),
                    Symbol.concatenated([of.x, of.x * 2, of.x.sliced(along: 1, from: 0, count: 1)], axis: 1),
                    of.x.gathering(of.ids, axis: 1), of.ids.oneHot(classes: 3), of.y.expanded(to: [7, 4, 6]),
                ]
            },
            AnyShapeGraph(name: "products") { of in
                [
                    of.x.batchMultiplied(by: of.x, transposeB: true), of.x.batchMultiplied(by: of.x, transposeA: true),
                    of.images.resizedNearest(height: 7, width: 9), of.images.resizedBilinear(height: 8, width: 3),
                    of.images.resizedBilinear(height: 8, width: 11, alignsCorners: true),
                ]
            },
            AnyShapeGraph(name: "activations") { of in
                // To both sides of every corner.
                let x = of.x * 7
                return [
                    x.erfGELU(), x.silu(), x.leakyReLU(), x.elu(), x.softplus(), x.hardSwish(), x.hardSigmoid(),
                    x.relu6(),
                    x.logSoftmax(axis: 1), x.softmax(axis: 2),
                ]
            },
            AnyShapeGraph(name: "functions") { of in
                [
                    of.x.abs(), of.x.sign(), of.x.sin(), of.x.cos(), of.x.erf(), of.x.clipped(from: -0.2, to: 0.5),
                    (of.x.square() + 0.5).reciprocalRoot(),
                ]
            },
        ]
    }
}
