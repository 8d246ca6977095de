import MindSporeTestKit
import RandomTestKit
import Tensors

@testable import Graphs
@testable import LayerOperations

extension Symbol {
    /// The elements in -1..<1. MindSpore's own Tanh on a CPU is off by up to 1e-4 (at 5; near 0 it is exact), so it
    /// cannot serve here.
    fileprivate var squashed: Symbol { sigmoid() * 2 + -1 }
}

/// The steps that a ``RandomGraph`` is made of.
struct RandomSteps {
    let trace: Trace
    let labels: Symbol
    /// Numbers of rows of tables of 7.
    let ids: Symbol
    let rows: Int
    let parameters: RandomGraph.Parameters

    /// Applies something to a value, perhaps with another of `symbols`.
    func next(_ x: Symbol, among symbols: [Symbol], _ dice: inout SeededGenerator) -> [Symbol] {
        let alike = symbols.filter { $0.type == x.type }
        let other = alike[Int.random(in: 0..<alike.count, using: &dice)]
        let vectors = symbols.filter { $0.shape.rank == 1 && x.shape.rank > 0 && $0.shape[0] == x.shape[0] }
        switch Int.random(in: 0..<7, using: &dice) {
        case 0: return [unary(x, &dice)]
        case 1: return [binary(x, other, &dice)]
        case 2 where x.shape.rank > 0: return [broadcast(x, other, vectors.last, &dice)]
        case 3: return [reshaped(x, &dice)]
        case 4 where x.shape.rank > 1 && x.shape[0] == rows: return [ofTokens(x, &dice)]
        case _ where x.shape.rank == 2: return [ofMatrix(x, other, &dice)]
        case _ where x.shape.rank == 4: return [ofImages(x, &dice)]
        default: return [x.sum().squashed, x.mean(), (x.sumOfSquares() * 0.1).squashed]
        }
    }

    private func unary(_ x: Symbol, _ dice: inout SeededGenerator) -> Symbol {
        switch Int.random(in: 0..<12, using: &dice) {
        case 0: -x
        case 11: x.gelu()
        case 1: x.sigmoid().exp()
        case 2: (x.square() + 0.5).log()
        case 3: (x.square() + 0.1).sqrt()
        case 4: (x.square() + 1).reciprocal()
        case 5: (x.sigmoid() + -0.5).tanh()
        case 6: x.sigmoid()
        case 7: x.relu()
        case 8: x * Float.random(in: -1..<1, using: &dice)
        case 9: x.squashed.square()
        default: x + Float.random(in: -1..<1, using: &dice)
        }
    }

    private func binary(_ x: Symbol, _ y: Symbol, _ dice: inout SeededGenerator) -> Symbol {
        switch Int.random(in: 0..<7, using: &dice) {
        case 0: (x + y).squashed
        case 1: (x - y).squashed
        case 2: (x * y).squashed
        case 3: x / (y.square() + 1)
        case 4: x.maximum(y)
        case 5: x.minimum(y)
        default: trace.apply(.isAtLeast, to: [x, y])[0]
        }
    }

    private func broadcast(_ x: Symbol, _ y: Symbol, _ vector: Symbol?, _ dice: inout SeededGenerator) -> Symbol {
        let axis = Int.random(in: 0..<x.shape.rank, using: &dice)
        switch Int.random(in: 0..<7, using: &dice) {
        case 0 where axis > 0: return x.addingBias(parameter([x.shape[axis]]), axis: axis)
        case 1: return x.sum(toAxis: axis).squashed
        case 2: return x.sumRows().squashed
        case 3: return x.scaled(by: y.mean())
        case 4 where vector != nil: return x.scalingRows(by: (vector ?? x).squashed)
        case 5 where vector != nil: return x.addingBias(vector ?? x, axis: 0).squashed
        // A shape that may depend on the batch size, and one that does not.
        case 6: return x + y.mean().filling(x.shape)
        default: return trace.constant(random([4, 5])).sum().filling([6, 4]).squashed
        }
    }

    private func reshaped(_ x: Symbol, _ dice: inout SeededGenerator) -> Symbol {
        let dimensions = x.shape.dimensions
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: return x.transposed(dimensions.indices.shuffled(using: &dice))
        case 1 where x.shape.rank > 1: return x.reshaped(to: [x.shape[0], x.shape.elementCount / x.shape[0]])
        case 2: return x.reshaped(to: Shape([1] + dimensions))
        default: return x.reshaped(to: [x.shape.elementCount])
        }
    }

    private func ofMatrix(_ x: Symbol, _ y: Symbol, _ dice: inout SeededGenerator) -> Symbol {
        switch Int.random(in: 0..<7, using: &dice) {
        case 0: x.matrixMultiplied(by: parameter([x.shape[1], 5])).addingBias(parameter([5]), axis: 1).squashed
        case 1: x.matrixMultiplied(by: parameter([5, x.shape[1]]), transposeB: true).squashed
        case 2: x.matrixMultiplied(by: y, transposeA: true).squashed
        case 3:
            x.matrixMultiplied(by: parameter([5, x.shape[1]]), transposeB: true).transposed([1, 0])
                .matrixMultiplied(by: y, transposeA: false, transposeB: false).squashed
        case 4: x.softmax()
        case 5: x.crossEntropy(probabilities: y.softmax()).squashed
        default: perRow(x)
        }
    }

    /// The loss of each row of the batch, or of any matrix against its own softmax.
    private func perRow(_ x: Symbol) -> Symbol {
        guard x.shape[0] == rows, x.shape[1] >= 6 else { return x.crossEntropy(probabilities: x.softmax()) }
        return x.sparseCrossEntropy(labels: labels).squashed
    }

    private func ofImages(_ x: Symbol, _ dice: inout SeededGenerator) -> Symbol {
        func upTo(_ limit: Int, from first: Int = 0) -> Int { Int.random(in: first...max(first, limit), using: &dice) }
        // Images that a step has turned or shrunk may be too small for a window.
        let kernel = [min(x.shape[2], upTo(3, from: 1)), min(x.shape[3], upTo(3, from: 1))]
        let stride = [upTo(2, from: 1), upTo(2, from: 1)]
        switch Int.random(in: 0..<3, using: &dice) {
        case 0:
            let padding = [kernel[0] / 2, kernel[0] / 2, kernel[1] / 2, kernel[1] / 2]
            return x.maxPooled(Pooling(kernel: kernel, stride: stride, padding: padding))
        case 1: return x.maxPooled(Pooling(kernel: kernel, stride: stride))
        default:
            let padding = (0..<4).map { _ in upTo(2) }
            let dilation = (0..<2).map { 2 * (kernel[$0] - 1) < x.shape[2 + $0] ? upTo(2, from: 1) : 1 }
            return x.convolved(
                with: parameter([5, x.shape[1], kernel[0], kernel[1]]),
                Convolution(stride: stride, padding: padding, dilation: dilation)
            ).squashed
        }
    }

    /// What transformers do, to the rows of the batch as samples of three tokens.
    private func ofTokens(_ x: Symbol, _ dice: inout SeededGenerator) -> Symbol {
        let columns = x.shape.elementCount / rows
        let flat = x.reshaped(to: [rows, columns])
        switch Int.random(in: 0..<3, using: &dice) {
        case 0:
            return flat.layerNormalized(scale: parameter([columns]), shift: parameter([columns]), epsilon: 1e-3)
        case 1: return parameter([7, 5]).gatheringRows(ids).reshaped(to: [rows, 10])
        default:
            let (heads, length, size) = (Int.random(in: 1...3, using: &dice), 3, 2)
            let projection = flat.matrixMultiplied(by: parameter([columns, length * heads * 3 * size])).squashed
            return projection.reshaped(to: [rows * length, heads * 3 * size])
                .attended(Attention(heads: heads, length: length)).reshaped(to: [rows, length * heads * size])
        }
    }

    private func parameter(_ shape: Shape) -> Symbol { trace.symbol(for: parameters.take(shape)) }
}
