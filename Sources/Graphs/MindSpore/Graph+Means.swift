import Tensors

extension Graph {
    /// For a node that scales a sum by one over the number of its terms: what it is the mean of.
    ///
    /// MindSpore's mean holds for every batch size, while a factor holds for one.
    package var means: [Int: Value] {
        var means: [Int: Value] = [:]
        for (index, node) in nodes.enumerated() {
            guard let scale = node.operation as? Scale, let input = node.inputs.first,
                nodes[input.node].operation is Sum, let terms = nodes[input.node].inputs.first,
                scale.factor == 1 / Float(type(of: terms).shape.elementCount)
            else { continue }
            means[index] = terms
        }
        return means
    }
}
