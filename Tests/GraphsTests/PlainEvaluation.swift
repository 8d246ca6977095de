import Tensors

@testable import Graphs
@testable import LayerOperations

/// What a graph means: each operation as a plain loop in double precision, on one rank, without kernels or plan.
///
/// Operations of the backward pass have no meaning of their own here; the tests compare them with differences of others.
struct PlainEvaluation {
    private(set) var outputs: [[Double]] = []

    init(_ graph: Graph, inputs: [[Double]]) {
        var values: [[[Double]]] = []
        var waiting = inputs[...]
        for node in graph.nodes {
            let x = node.inputs.map { Plain(values: values[$0.node][$0.result], shape: graph.type(of: $0).shape) }
            switch node.operation.role {
            case .source(.input): values.append([waiting.removeFirst()])
            case .source(.parameter(let parameter)): values.append([doubles(parameter.tensor)])
            case .source(.constant(let tensor)): values.append([doubles(tensor)])
            // The sum over one rank.
            case .reduction: values.append(x.map(\.values))
            default:
                guard let result = node.operation.plainResult(x) else {
                    fatalError("\(node.operation) has no plain loop")
                }
                values.append([result])
            }
        }
        outputs = graph.outputs.map { values[$0.node][$0.result] }
    }
}

/// The elements of a float32 or int32 tensor.
func doubles(_ tensor: Tensor) -> [Double] {
    tensor.elementType == .int32
        ? tensor.elements(of: Int32.self).map(Double.init) : tensor.elements(of: Float.self).map(Double.init)
}

/// A value of a plain evaluation.
struct Plain {
    let values: [Double]
    let shape: Shape

    func map(_ function: (Double) -> Double) -> [Double] { values.map(function) }

    func zip(_ other: Plain, _ function: (Double, Double) -> Double) -> [Double] {
        values.indices.map { function(values[$0], other.values[$0]) }
    }

    /// The elements of each index of dimension 0.
    var rows: [[Double]] {
        let columns = values.count / shape[0]
        return (0..<shape[0]).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
    }

    /// The element at a place.
    subscript(_ place: Int...) -> Double {
        values[Swift.zip(place, shape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }]
    }

    /// For each element in order, its index in dimension `axis`.
    func indices(inDimension axis: Int) -> [Int] {
        let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
        return values.indices.map { $0 / inner % shape[axis] }
    }
}
