/// A change of a parameter in its place, by an update of a graph.
package struct ParameterChange {
    /// What is changed.
    package let parameter: Parameter

    /// The number of the node that changes it.
    package let node: Int

    /// The layer that the node is of, for people: "norm (BatchNorm2d) of ResNet"; empty outside of all.
    package let layer: String
}

extension Graph {
    /// The parameters that its updates change, in the order of their first change.
    package var changedParameters: [Parameter] {
        var known: Set<ObjectIdentifier> = []
        return nodes.flatMap { node in
            node.inputs.enumerated().compactMap { place, input in
                node.operation.changes(input: place) ? parameter(behind: input) : nil
            }
        }.filter { known.insert(ObjectIdentifier($0)).inserted }
    }

    /// The parameter whose memory a value is, itself or as a view; nil if it is no parameter's.
    func parameter(behind value: Value) -> Parameter? {
        var node = nodes[value.node]
        while node.operation.isView, let input = node.inputs.first { node = nodes[input.node] }
        guard case .source(.parameter(let parameter)) = node.operation.role else { return nil }
        return parameter
    }
}
