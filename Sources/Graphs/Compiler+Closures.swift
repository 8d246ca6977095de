import Kernels
import Memory
import Tensors

// One function a family of kernels: it takes the operands apart once and returns what runs in the step.

extension Compiler {
    func unary(
        _ operands: Operands, _ kernel: @escaping (Span<Float>, inout MutableSpan<Float>) -> Void
    ) -> () -> Void {
        let (x, y) = (operands.input(0), operands.result())
        return {
            var result = y.mutableSpan
            kernel(x.span, &result)
        }
    }

    func binary(
        _ operands: Operands, _ kernel: @escaping (Span<Float>, Span<Float>, inout MutableSpan<Float>) -> Void
    ) -> () -> Void {
        let (a, b, y) = (operands.input(0), operands.input(1), operands.result())
        return {
            var result = y.mutableSpan
            kernel(a.span, b.span, &result)
        }
    }

    /// A kernel on the rows of the first input: dimension 0, and everything behind it.
    func rowwise(
        _ operands: Operands,
        _ kernel: @escaping (Span<Float>, Span<Float>, inout MutableSpan<Float>, Int, Int) -> Void
    ) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return binary(operands) { kernel($0, $1, &$2, rows, columns) }
    }

    func sumRows(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return unary(operands) { Kernels.sumLastAxis($0, into: &$1, rows: rows, columns: columns) }
    }

    func softmax(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        return unary(operands) { Kernels.softmax($0, into: &$1, rows: rows, columns: columns) }
    }

    func softmaxGradient(_ operands: Operands) -> () -> Void {
        rowwise(operands) { Kernels.softmaxGradient($0, output: $1, into: &$2, rows: $3, columns: $4) }
    }

    func transpose(_ operands: Operands, _ order: [Int]) -> () -> Void {
        let shape = operands.shape.dimensions
        return unary(operands) { Kernels.transpose($0, into: &$1, shape: shape, permutation: order) }
    }

    func addBias(_ operands: Operands, _ view: View) -> () -> Void {
        guard view.inner > 1 else {
            return binary(operands) {
                Kernels.addBias($0, bias: $1, into: &$2, rows: view.outer, columns: view.axis)
            }
        }
        return binary(operands) {
            Kernels.addChannelBias($0, bias: $1, into: &$2, batch: view.outer, channels: view.axis, plane: view.inner)
        }
    }

    func sumToAxis(_ operands: Operands, _ view: View) -> () -> Void {
        guard view.inner > 1 else {
            return unary(operands) { [pool] in
                Kernels.sumLeadingAxis($0, into: &$1, rows: view.outer, columns: view.axis, pool: pool)
            }
        }
        return unary(operands) {
            Kernels.sumChannels($0, into: &$1, batch: view.outer, channels: view.axis, plane: view.inner)
        }
    }

    func matrixMultiply(_ operands: Operands, _ transposeA: Bool, _ transposeB: Bool) -> () -> Void {
        let (m, n) = (operands.results[0].shape[0], operands.results[0].shape[1])
        let k = operands.shape[transposeA ? 0 : 1]
        return binary(operands) { [pool] in
            Kernels.matrixMultiply(
                $0, $1, into: &$2, m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB, pool: pool)
        }
    }

    func sparseCrossEntropy(_ operands: Operands) -> () -> Void {
        let (rows, classes) = operands.rowsAndColumns
        let (logits, labels) = (operands.input(0), operands.inputs[1].slice(of: Int32.self))
        let (losses, gradient) = (operands.result(0), operands.result(1))
        return {
            var loss = losses.mutableSpan
            var ofLogits = gradient.mutableSpan
            Kernels.sparseCrossEntropy(
                logits.span, labels: labels.span, into: &loss, gradient: &ofLogits, rows: rows, classes: classes)
        }
    }

    func crossEntropy(_ operands: Operands) -> () -> Void {
        let (rows, classes) = operands.rowsAndColumns
        let (logits, labels) = (operands.input(0), operands.input(1))
        let (losses, gradient) = (operands.result(0), operands.result(1))
        return {
            var loss = losses.mutableSpan
            var ofLogits = gradient.mutableSpan
            Kernels.denseCrossEntropy(
                logits.span, labels: labels.span, into: &loss, gradient: &ofLogits, rows: rows, classes: classes)
        }
    }

    func sgdUpdate(_ operands: Operands, _ settings: SGDSettings) -> () -> Void {
        let slices = (0..<5).map(operands.input)
        let (parameter, accumulator, stat, gradient, rate) = (slices[0], slices[1], slices[2], slices[3], slices[4])
        return {
            var target = parameter.mutableSpan
            guard settings.momentum > 0 else {
                return Kernels.sgdUpdate(
                    &target, gradient: gradient.span, learningRate: rate.span[0], weightDecay: settings.weightDecay)
            }
            var accumulated = accumulator.mutableSpan
            var isFirst = stat.mutableSpan
            Kernels.sgdUpdate(
                &target, accumulation: &accumulated, gradient: gradient.span, learningRate: rate.span[0],
                momentum: settings.momentum, dampening: settings.dampening, weightDecay: settings.weightDecay,
                nesterov: settings.nesterov, isFirstStep: isFirst[0] > 0)
            Kernels.fill(&isFirst, with: 0)
        }
    }

    func momentumUpdate(
        _ operands: Operands, _ momentum: Float, _ weightDecay: Float, _ nesterov: Bool
    ) -> () -> Void {
        let slices = (0..<4).map(operands.input)
        let (parameter, moment, gradient, rate) = (slices[0], slices[1], slices[2], slices[3])
        return {
            var target = parameter.mutableSpan
            var velocity = moment.mutableSpan
            Kernels.momentumUpdate(
                &target, moment: &velocity, gradient: gradient.span, learningRate: rate.span[0], momentum: momentum,
                weightDecay: weightDecay, nesterov: nesterov)
        }
    }
}

extension Operands {
    /// Dimension 0 of the first input, and everything behind it.
    var rowsAndColumns: (rows: Int, columns: Int) {
        let rows = shape[0]
        return (rows, shape.dimensions.dropFirst().reduce(1, *))
    }
}
