import Graphs
import Tensors

extension ProfileLabel {
    /// Describes what an instruction does, in a graph.
    init(_ instruction: Instruction, in graph: Graph) {
        let nodes = instruction.nodes.map { graph.nodes[$0] }
        let (first, last) = (nodes[0], nodes[nodes.count - 1])
        let inputs = first.inputs.map(graph.type)
        let name = nodes.map(\.operation.name).joined(separator: " + ")
        switch instruction.action {
        case .compute:
            let shapes = [inputs, last.results].map { $0.map(\.shape.description).joined(separator: " ") }
            let counts = nodes.compactMap { node in
                node.operation.operationCount(
                    inputs: node.inputs.map { graph.type(of: $0).shape }, results: node.results.map(\.shape))
            }
            self.init(
                .operation, name, detail: shapes.joined(separator: " → "), scope: last.scope,
                operationCount: counts.isEmpty ? nil : counts.reduce(0, +))
        case .startReduction: self.init(.collective, "start \(name)", detail: Self.bytes(of: inputs), scope: last.scope)
        case .awaitReduction: self.init(.collective, "await allReduce", scope: last.scope)
        case .communicate: self.init(.collective, name, detail: Self.bytes(of: inputs), scope: last.scope)
        }
    }

    /// Describes the reduction that an instruction starts, as it goes on beside others.
    init(reductionOf instruction: Instruction, in graph: Graph) {
        let node = graph.nodes[instruction.nodes[0]]
        self.init(.collective, node.operation.name, detail: Self.bytes(of: node.inputs.map(graph.type)))
    }

    private static func bytes(of types: [TensorType]) -> String {
        "\(types.reduce(0) { $0 + $1.byteCount }) bytes in \(types.count) tensor\(types.count == 1 ? "" : "s")"
    }
}
