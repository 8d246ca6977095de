extension Graph {
    /// The graph without the nodes that neither an output nor an update needs; inputs stay.
    func pruned() -> Graph {
        var needed = Set(inputs.map(\.node)).union(outputs.map(\.node))
        for (index, node) in nodes.enumerated().reversed() where node.operation.isUpdate || needed.contains(index) {
            needed.insert(index)
            needed.formUnion(node.inputs.map(\.node))
        }
        let kept = nodes.indices.filter(needed.contains)
        let newIndex = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        func moved(_ value: Value) -> Value {
            guard let node = newIndex[value.node] else { fatalError("a needed node was dropped") }
            return Value(node: node, result: value.result)
        }
        var result = Graph()
        result.nodes = kept.map { index in
            var node = nodes[index]
            node.inputs = node.inputs.map(moved)
            return node
        }
        result.inputs = inputs.map(moved)
        result.outputs = outputs.map(moved)
        return result
    }
}
