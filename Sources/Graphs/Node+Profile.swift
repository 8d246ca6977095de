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
            let counts = nodes.compactMap { $0.operationCount(inputs: $0.inputs.map { graph.type(of: $0).shape }) }
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

extension Node {
    /// The floating-point operations of its matrix products; nil if it is none, or made of none.
    ///
    /// Of attention half of all pairs count, as no token sees those behind it: two products forward, four backward. What
    /// is computed a second time does not count.
    func operationCount(inputs: [Shape]) -> Double? {
        let result = Double(results.first?.shape.elementCount ?? 0)
        switch operation {
        case .matrixMultiply(let transposeA, _): return 2 * result * Double(inputs[0][transposeA ? 0 : 1])
        case .convolution: return 2 * result * Self.window(inputs[1])
        case .convolutionInputGradient: return 2 * Double(inputs[1].elementCount) * Self.window(inputs[0])
        case .convolutionWeightGradient(_, let weight):
            return 2 * Double(inputs[1].elementCount) * Self.window(weight)
        case .attention(let attention): return 2 * Self.attentionProduct(of: inputs[0], attention)
        case .attentionGradient(let attention): return 4 * Self.attentionProduct(of: inputs[1], attention)
        default: return nil
        }
    }

    /// The elements of the input that one output of a convolution looks at.
    private static func window(_ weight: Shape) -> Double { Double(weight.elementCount / weight[0]) }

    /// One product of queries with keys, or of weights with values, from a projection [rows, 3 · width].
    private static func attentionProduct(of projection: Shape, _ attention: Attention) -> Double {
        Double(projection.elementCount / 3) * Double(attention.length + 1)
    }
}
