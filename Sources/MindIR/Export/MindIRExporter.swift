public import Graphs
import Tensors

/// Turns traced graphs into models of MindSpore, which run there without Lockstep.
///
/// ```swift
/// let model = try MindIRExporter().model { rows in
///     let trace = Trace()
///     let images = trace.input("x", TensorType([rows, 1, 32, 32]))
///     return trace.finish(outputs: [network(images)])
/// }
/// try model.save(as: "LeNet5", in: "out")
/// ```
///
/// Python then has `mindspore.nn.GraphCell(mindspore.load("out/LeNet5.mindir"))`. A training network is exported by the
/// same call: its graph has inputs and labels, and the loss is its output. Gradients, updates and collectives are refused.
public struct MindIRExporter: Sendable {
    /// The name of the graph in the file, before the colon of each parameter's full name.
    public let graphName: String

    /// Makes an exporter.
    ///
    /// - Throws: ``MindIRError/cannotStore(name:reason:)`` if the name has a colon.
    public init(graphName: String = "Net") throws(MindIRError) {
        guard !graphName.contains(":") else {
            throw .cannotStore(name: "the graph \(graphName)", reason: "what follows a colon is a parameter's name")
        }
        self.graphName = graphName
    }

    /// The model of a graph, with the batch size it was traced with.
    ///
    /// - Throws: ``MindIRError/cannotExport(operation:scope:reason:)`` for an operation that MindSpore does not have.
    public func model(of graph: Graph) throws(MindIRError) -> MindIRModel {
        try model(of: ExportedGraph(graph))
    }

    /// The model of a graph whose batch size is open. `tracing` is called with two batch sizes, in each of which it must
    /// trace the same network.
    ///
    /// - Throws: ``MindIRError/cannotExport(operation:scope:reason:)`` for an operation that MindSpore does not have, or
    ///   has for known batch sizes only: a number or a constant that depends on the batch size, a scalar repeated into a
    ///   shape that does.
    public func model(tracing: (_ rows: Int) -> Graph) throws(MindIRError) -> MindIRModel {
        try model(of: ExportedGraph(tracing: tracing))
    }

    private func model(of exported: ExportedGraph) throws(MindIRError) -> MindIRModel {
        var builder = GraphBuilder(graphName: graphName)
        var parameters: [ParameterMessage] = []
        var operands: [Value: Operand] = [:]
        for index in exported.written.sorted() {
            let node = exported.graph.nodes[index]
            builder.scope = node.scope
            let types = exported.types[index]
            let x = try exported.inputs(of: index).map { value throws(MindIRError) in
                try operand(of: value, in: exported.graph, operands, builder)
            }
            guard let type = types.first else { throw builder.refusal(node.operation, "it changes a parameter") }
            var results: [Operand] = []
            if case .source(let source) = node.operation.role {
                results = [try builder.source(source, type)]
                if case .parameter(let parameter) = source {
                    parameters.append(ParameterMessage(parameter, name: results[0].name))
                }
            } else if exported.means[index] != nil {
                results = [try builder.mean(x[0], node.operation, giving: type)]
            } else {
                results = try builder.apply(node.operation, x, giving: types)
            }
            for (number, operand) in results.enumerated() { operands[Value(node: index, result: number)] = operand }
        }
        for value in exported.graph.outputs {
            builder.output(try operand(of: value, in: exported.graph, operands, builder))
        }
        return MindIRModel(graph: builder.graph, primitives: builder.primitives, parameters: parameters)
    }

    private func operand(
        of value: Value, in graph: Graph, _ operands: [Value: Operand], _ builder: GraphBuilder
    ) throws(MindIRError) -> Operand {
        let node = graph.nodes[value.node]
        guard let operand = operands[value] else {
            throw .cannotExport(
                operation: node.operation.name, scope: node.scope,
                reason: "its form in MindSpore has no result number \(value.result + 1)")
        }
        return operand
    }
}
