import Kernels
import Memory
import Tensors

// The kernels of transformers.

extension Compiler {
    func transformerKernel(of node: Node, operands: Operands) -> () -> Void {
        switch node.operation {
        case .layerNorm(let epsilon): layerNorm(operands, epsilon)
        case .layerNormGradient: layerNormGradient(operands)
        case .gelu: unary(operands) { [pool] in Kernels.gelu($0, into: &$1, pool: pool) }
        case .geluGradient: binary(operands) { [pool] in Kernels.geluGradient($0, x: $1, into: &$2, pool: pool) }
        case .gatherRows(let first): gatherRows(operands, first)
        case .scatterRows(let rows, let first): scatterRows(operands, rows, first)
        case .dropout(let settings): dropout(operands, settings)
        case .rowMaximum: rowMaximum(operands)
        case .logitSums(let first): logitSums(operands, first)
        case .shardCrossEntropy(let first): shardCrossEntropy(operands, first)
        case .attention(let settings): attention(operands, settings)
        case .attentionGradient(let settings): attentionGradient(operands, settings)
        default: fatalError("\(node.operation) is no operation of transformers")
        }
    }

    private func layerNorm(_ operands: Operands, _ epsilon: Float) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (x, scale, shift) = (operands.input(0), operands.input(1), operands.input(2))
        let (y, means, inverses) = (operands.result(0), operands.result(1), operands.result(2))
        return { [pool] in
            var result = y.mutableSpan
            var mean = means.mutableSpan
            var inverse = inverses.mutableSpan
            Kernels.layerNorm(
                x.span, gamma: scale.span, beta: shift.span, into: &result, mean: &mean, inverseDeviation: &inverse,
                rows: rows, columns: columns, epsilon: epsilon, pool: pool)
        }
    }

    private func layerNormGradient(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (g, x, scale) = (operands.input(0), operands.input(1), operands.input(2))
        let (means, inverses) = (operands.input(3), operands.input(4))
        let (ofX, ofScale, ofShift) = (operands.result(0), operands.result(1), operands.result(2))
        return { [pool] in
            var xGradient = ofX.mutableSpan
            var scaleGradient = ofScale.mutableSpan
            var shiftGradient = ofShift.mutableSpan
            Kernels.layerNormGradient(
                g.span, x: x.span, gamma: scale.span, mean: means.span, inverseDeviation: inverses.span,
                into: &xGradient, gammaGradient: &scaleGradient, betaGradient: &shiftGradient, rows: rows,
                columns: columns, pool: pool)
        }
    }

    private func gatherRows(_ operands: Operands, _ first: Int) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (table, ids, y) = (operands.input(0), operands.inputs[1].slice(of: Int32.self), operands.result())
        return { [pool] in
            var result = y.mutableSpan
            Kernels.gatherRows(
                table.span, ids: ids.span, firstRow: first, into: &result, tableRows: rows, columns: columns, pool: pool
            )
        }
    }

    private func scatterRows(_ operands: Operands, _ rows: Int, _ first: Int) -> () -> Void {
        let columns = operands.rowsAndColumns.columns
        let (g, ids, y) = (operands.input(0), operands.inputs[1].slice(of: Int32.self), operands.result())
        return { [pool] in
            var table = y.mutableSpan
            Kernels.scatterAddRows(
                g.span, ids: ids.span, firstRow: first, into: &table, tableRows: rows, columns: columns, pool: pool)
        }
    }

    private func dropout(_ operands: Operands, _ settings: Dropout) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (x, place, y) = (operands.input(0), operands.inputs[1].slice(of: Int32.self), operands.result())
        return { [pool] in
            var result = y.mutableSpan
            Kernels.dropout(
                x.span, into: &result, rows: rows, columns: columns, rate: settings.rate,
                mask: settings.mask(at: place.span), pool: pool)
        }
    }

    private func rowMaximum(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return unary(operands) { Kernels.rowMaximum($0, into: &$1, rows: rows, columns: columns) }
    }

    private func logitSums(_ operands: Operands, _ first: Int) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (logits, labels, largest) = (operands.input(0), operands.inputs[1].slice(of: Int32.self), operands.input(2))
        let (sums, targets) = (operands.result(0), operands.result(1))
        return {
            var sum = sums.mutableSpan
            var target = targets.mutableSpan
            Kernels.logitSums(
                logits.span, labels: labels.span, largest: largest.span, into: &sum, targets: &target,
                firstColumn: first, rows: rows, columns: columns)
        }
    }

    private func shardCrossEntropy(_ operands: Operands, _ first: Int) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (logits, labels, largest) = (operands.input(0), operands.inputs[1].slice(of: Int32.self), operands.input(2))
        let (sums, targets) = (operands.input(3), operands.input(4))
        let (losses, gradient) = (operands.result(0), operands.result(1))
        return {
            var loss = losses.mutableSpan
            var ofLogits = gradient.mutableSpan
            Kernels.shardedCrossEntropy(
                logits.span, labels: labels.span, largest: largest.span, sums: sums.span, targets: targets.span,
                into: &loss, gradient: &ofLogits, firstColumn: first, rows: rows, columns: columns)
        }
    }

    func adamWUpdate(_ operands: Operands, _ settings: AdamWSettings) -> () -> Void {
        let slices = (0..<6).map(operands.input)
        let (parameter, mean, square, gradient) = (slices[0], slices[1], slices[2], slices[3])
        let (rate, scale, count) = (slices[4], slices[5], operands.inputs[6].slice(of: Int32.self))
        return { [pool] in
            var target = parameter.mutableSpan
            var m = mean.mutableSpan
            var v = square.mutableSpan
            Kernels.adamWUpdate(
                &target, m: &m, v: &v, gradient: gradient.span, learningRate: rate.span[0],
                beta1: Double(settings.beta1), beta2: Double(settings.beta2), epsilon: settings.epsilon,
                weightDecay: settings.weightDecay, gradientScale: scale.span[0],
                // A checkpoint may claim any number of steps.
                step: Int(max(count.span[0], 0)) + 1, pool: pool)
        }
    }

    func accumulate(_ operands: Operands) -> () -> Void {
        let (sum, gradient) = (operands.input(0), operands.input(1))
        return {
            var target = sum.mutableSpan
            Kernels.axpy(1, gradient.span, into: &target)
        }
    }
}

extension Dropout {
    /// The mask of a step, for this rank's rows.
    func mask(at place: Span<Int32>) -> DropoutMask {
        DropoutMask(
            seed: seed, stream: UInt32(truncatingIfNeeded: stream), step: UInt32(bitPattern: place[0]),
            firstRow: Int(place[1]) * rowsPerSample, firstColumn: firstColumn, totalColumns: columns)
    }
}

extension Compiler {
    private func attention(_ operands: Operands, _ settings: Attention) -> () -> Void {
        let geometry = settings.geometry(of: operands.shape)
        let (qkv, place) = (operands.input(0), operands.inputs[1].slice(of: Int32.self))
        let (output, logarithms) = (operands.result(0), operands.result(1))
        return { [pool] in
            var result = output.mutableSpan
            var logSumExp = logarithms.mutableSpan
            Kernels.causalAttention(
                qkv.span, into: &result, logSumExp: &logSumExp, geometry: geometry,
                dropout: settings.dropout(at: place.span), pool: pool)
        }
    }

    private func attentionGradient(_ operands: Operands, _ settings: Attention) -> () -> Void {
        let geometry = settings.geometry(of: operands.inputs[1].shape)
        let (g, qkv, output, logSumExp) = (operands.input(0), operands.input(1), operands.input(2), operands.input(3))
        let (place, ofProjection) = (operands.inputs[4].slice(of: Int32.self), operands.result())
        return { [pool] in
            var result = ofProjection.mutableSpan
            Kernels.causalAttentionGradient(
                g.span, qkv: qkv.span, output: output.span, logSumExp: logSumExp.span, into: &result,
                geometry: geometry, dropout: settings.dropout(at: place.span), pool: pool)
        }
    }
}

extension Attention {
    func geometry(of projection: Shape) -> AttentionGeometry {
        AttentionGeometry(
            batch: projection[0] / length, heads: heads, length: length, size: projection[1] / (3 * heads))
    }

    /// The dropout of a step, for this rank's samples and heads; nil if nothing is dropped.
    func dropout(at place: Span<Int32>) -> AttentionDropout? {
        guard dropout.rate > 0 else { return nil }
        return AttentionDropout(
            rate: dropout.rate, seed: dropout.seed, stream: UInt32(truncatingIfNeeded: dropout.stream),
            step: UInt32(bitPattern: place[0]), firstSequence: Int(place[1]), firstHead: dropout.firstColumn,
            totalHeads: dropout.columns)
    }
}
