import Graphs
import Memory
import Tensors

// The operations of transformers, in the operators that MindSpore's own layers come out as.

extension GraphBuilder {
    mutating func layerNorm(
        _ x: Operand, scale: Operand, shift: Operand, _ epsilon: Float, giving type: ExportedType
    ) -> Operand {
        let moment = ExportedType([type.dimensions[0], 1])
        return callForFirst(.layerNorm, x, scale, shift, 1, 1, epsilon, giving: [type, moment, moment])
    }

    /// Rows of a whole table. MindSpore refuses a number that the table does not have, where Lockstep gives zeros.
    mutating func gatherRows(
        _ operation: Operation, _ table: Operand, _ ids: Operand, first: Int, giving type: ExportedType
    ) throws(MindIRError) -> Operand {
        guard first == 0 else { throw refusal(operation, "its table is a part, which begins with row \(first)") }
        var rows = ids
        if ids.type.rank != 1 {
            rows = call(.reshape, ids, [-1], giving: ExportedType([type.dimensions[0]], ids.type.elementType))
        }
        return call(.gather, table, rows, 0, 0, giving: type)
    }

    /// softmax(q · kᵀ / √size + mask) · v for each head, whose q, k and v lie side by side in the rows of `projection`.
    mutating func attention(
        _ operation: Operation, _ settings: Attention, _ projection: Operand, giving type: ExportedType
    ) throws(MindIRError) -> Operand {
        guard settings.dropout.rate == 0 else {
            throw refusal(operation, "it drops other probabilities in each step; trace the graph for inference")
        }
        let (heads, length) = (settings.heads, settings.length)
        let width = try known([projection.type.dimensions[1]], operation)[0]
        let size = width / (3 * heads)
        let rows = projection.type.dimensions[0]
        let samples = rows == ExportedType.open ? ExportedType.open : rows / length
        let part = ExportedType([samples, heads, length, size])
        let scores = ExportedType([samples, heads, length, length])

        let tokens = call(
            .reshape, projection, [-1, length, heads, 3 * size],
            giving: ExportedType([samples, length, heads, 3 * size]))
        let byHead = call(
            .transpose, tokens, [0, 2, 1, 3], giving: ExportedType([samples, heads, length, 3 * size]))
        let parts = callForAll(.split, byHead, 3, 3, giving: [part, part, part])
        let products = call(.batchMatMul, parts[0], parts[1], false, true, giving: scores)
        let scaled = call(.muls, products, 1 / Float(size).squareRoot(), giving: scores)
        let masked = call(
            .maskedFill, scaled, laterTokens(length), Tensor(scalar: -Float.infinity), giving: scores)
        let probabilities = call(.softmax, masked, [-1], giving: scores)
        let attended = call(.batchMatMul, probabilities, parts[2], false, false, giving: part)
        let byToken = call(
            .transpose, attended, [0, 2, 1, 3], giving: ExportedType([samples, length, heads, size]))
        return call(.reshape, byToken, [-1, heads * size], giving: type)
    }
}

/// True where the second token comes after the first: what a token must not see.
private func laterTokens(_ length: Int) -> Tensor {
    let mask = Tensor(zeros: [length, length], elementType: .bool)
    var flags = mask.bytes.mutableSpan
    for token in 0..<length {
        for other in token + 1..<max(token + 1, length) { flags[token * length + other] = 1 }
    }
    return mask
}
