import Graphs
import Kernels
import Memory
import Tensors

// The kernels of products that finish their result themselves: one for each kind of chain in `Fusions`.

extension Compiler {
    func kernel(of chain: Fusions.Chain) -> () -> Void {
        let (first, last) = (graph.nodes[chain.endings[0]], graph.nodes[chain.last])
        let product = FusedProduct(graph.nodes[chain.product], in: graph, slices: slice, pool: pool)
        let result = slice(of: Value(node: chain.last, result: 0))
        let second = slice(of: first.inputs[1])
        if first.finish == .geluGradient { return product.geluGradient(x: second, into: result) }
        let sum = Value(node: chain.endings[0], result: 0)
        switch last.finish {
        case .bias: return product.sum(bias: second, into: result)
        case .addend:
            // The chain's value is either of the two inputs.
            let addend = last.inputs[last.inputs[0] == sum ? 1 : 0]
            return product.sum(bias: second, addend: slice(of: addend), into: result)
        case .relu: return product.relu(bias: second, into: result)
        case .gelu: return product.gelu(bias: second, into: slice(of: sum), activated: result)
        case .geluGradient, nil: fatalError("\(last.operation) does not finish a product")
        }
    }
}

/// A matrix product: its factors and sizes.
private struct FusedProduct {
    let a: Slice<Float>
    let b: Slice<Float>
    let m: Int
    let n: Int
    let k: Int
    let transposeA: Bool
    let transposeB: Bool
    let pool: ThreadPool

    init(_ node: Node, in graph: Graph, slices: (Value) -> Slice<Float>, pool: ThreadPool) {
        guard let operation = node.operation as? any FinishableProduct else {
            fatalError("\(node.operation) is no product")
        }
        (a, b) = (slices(node.inputs[0]), slices(node.inputs[1]))
        (m, n) = (node.results[0].shape[0], node.results[0].shape[1])
        k = graph.type(of: node.inputs[0]).shape[operation.transposeA ? 0 : 1]
        (transposeA, transposeB, self.pool) = (operation.transposeA, operation.transposeB, pool)
    }

    func sum(bias: Slice<Float>, into c: Slice<Float>) -> () -> Void {
        return {
            var result = c.mutableSpan
            Kernels.matrixMultiply(
                a.span, b.span, bias: bias.span, into: &result, m: m, n: n, k: k, transposeA: transposeA,
                transposeB: transposeB, pool: pool)
        }
    }

    func sum(bias: Slice<Float>, addend: Slice<Float>, into c: Slice<Float>) -> () -> Void {
        return {
            var result = c.mutableSpan
            Kernels.matrixMultiply(
                a.span, b.span, bias: bias.span, addend: addend.span, into: &result, m: m, n: n, k: k,
                transposeA: transposeA, transposeB: transposeB, pool: pool)
        }
    }

    func relu(bias: Slice<Float>, into c: Slice<Float>) -> () -> Void {
        return {
            var result = c.mutableSpan
            Kernels.matrixMultiplyReLU(
                a.span, b.span, bias: bias.span, into: &result, m: m, n: n, k: k, transposeA: transposeA,
                transposeB: transposeB, pool: pool)
        }
    }

    func gelu(bias: Slice<Float>, into c: Slice<Float>, activated: Slice<Float>) -> () -> Void {
        return {
            var result = c.mutableSpan
            var gated = activated.mutableSpan
            Kernels.matrixMultiplyGELU(
                a.span, b.span, bias: bias.span, into: &result, activated: &gated, m: m, n: n, k: k,
                transposeA: transposeA, transposeB: transposeB, pool: pool)
        }
    }

    func geluGradient(x: Slice<Float>, into c: Slice<Float>) -> () -> Void {
        return {
            var result = c.mutableSpan
            Kernels.matrixMultiplyGELUGradient(
                a.span, b.span, x: x.span, into: &result, m: m, n: n, k: k, transposeA: transposeA,
                transposeB: transposeB, pool: pool)
        }
    }
}
