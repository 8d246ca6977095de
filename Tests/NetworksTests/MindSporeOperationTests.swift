import Graphs
import LayerOperations
import Tensors
import Testing

/// Operations on values of any shapes give what MindSpore gives, and pass the same gradients back.
@Suite struct MindSporeOperationTests {
    static let names = [
        "add", "multiply", "divide", "maximum", "pow", "where", "sum", "mean", "amax", "amin", "var", "cumsum", "clip",
        "gather", "slice", "pad", "concat", "stack", "bmm", "abs", "erf", "nearest", "bilinear", "aligned",
    ]

    @Test(arguments: names) func operationsComputeTheSame(name: String) throws {
        let expected = try #require(MindSporeOperationNumbers.operations[name])
        let (x, y) = (Tensor(wave(24, 0.7, scale: 2), shape: [2, 3, 4]), Tensor(wave(3, 0.4), shape: [3, 1]))
        let actual = try valueAndGradient([x, y]) { result(name, $0[0], $0[1]) }
        #expect(actual.count == expected.count)
        for (one, other) in zip(actual, expected) { #expect(largestError(one, other) < 1e-5, "\(one) \(other)") }
    }

    private func result(_ name: String, _ x: Symbol, _ y: Symbol) -> Symbol {
        switch name {
        case "add": x + y
        case "multiply": x * y
        case "divide": y / (x * x + 1)
        case "maximum": x.maximum(y)
        case "pow": x.exp().raised(to: y)
        case "where": x.isLess(than: y).choosing(x * 2, otherwise: x)
        case "sum": x.sum(over: [0, 2])
        case "mean": x.mean(over: [1], keepsDimensions: true)
        case "amax": x.maximum(over: [2])
        case "amin": x.minimum(over: [0])
        case "var": x.variance(over: [2], correction: 1)
        case "cumsum": x.cumulativeSum(axis: 2)
        case "clip": x.clipped(from: -0.5, to: 0.7)
        case "abs": x.abs()
        case "erf": x.erf()
        default: parts(name, x)
        }
    }

    private func parts(_ name: String, _ x: Symbol) -> Symbol {
        let images = x.reshaped(to: [1, 2, 3, 4])
        return switch name {
        case "gather": x.gathering(x.trace.constant(Tensor([2, 0, 2, 1] as [Int32], shape: [4])), axis: 1)
        case "slice": x.sliced(from: [0, 1, 0], sizes: [2, 2, 2], by: [1, 1, 2])
        case "pad": x.padded(before: [0, 0, 1], after: [0, 2, 0], with: 0.5)
        case "concat": Symbol.concatenated([x, x * x], axis: 1)
        case "stack": Symbol.stacked([x, x * x], axis: 2)
        case "bmm": x.batchMultiplied(by: x * 2, transposeB: true)
        case "nearest": images.resizedNearest(height: 5, width: 7)
        case "bilinear": images.resizedBilinear(height: 5, width: 7)
        default: images.resizedBilinear(height: 5, width: 7, alignsCorners: true)
        }
    }
}
