import Tensors

extension Operation {
    /// The types of the results of the operations under "Transformers".
    func transformerTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        let row = TensorType([x[0]])
        switch self {
        case .layerNorm:
            try demand(
                inputs[1].shape == [x[1]] && inputs[2].shape == [x[1]],
                "\(name) of \(x) needs scale and shift of [\(x[1])], not \(inputs[1].shape) and \(inputs[2].shape)")
            return [TensorType(x), row, row]
        case .layerNormGradient: return [TensorType(x), TensorType(inputs[2].shape), TensorType(inputs[2].shape)]
        case .gatherRows: return [TensorType([inputs[1].shape.elementCount, x[1]])]
        case .scatterRows(let rows, _): return [TensorType([rows, x[1]])]
        case .attention(let attention):
            try demand(
                attention.length > 0 && attention.heads > 0 && x[0] % attention.length == 0
                    && x[1] % (3 * attention.heads) == 0,
                "\(attention) cannot take apart \(x)")
            return [TensorType([x[0], x[1] / 3]), TensorType([x[0], attention.heads])]
        case .attentionGradient: return [TensorType(inputs[1].shape)]
        case .rowMaximum: return [row]
        case .logitSums: return [row, row]
        case .shardCrossEntropy: return [row, TensorType(x)]
        default: fatalError("\(self) is no operation of transformers")
        }
    }
}
