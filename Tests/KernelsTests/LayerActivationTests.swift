import Foundation
import Kernels
import LayerKernels
import Testing

@Suite struct LayerActivationTests {
    static let activations: [Activation] = [
        .gelu, .silu, .leakyReLU(slope: 0.1), .elu(alpha: 1.5), .softplus, .hardSwish, .hardSigmoid, .relu6,
    ]

    /// What each means, in double precision.
    private func exact(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .gelu: x / 2 * erfc(-x / 2.0.squareRoot())
        case .silu: x / (1 + exp(-x))
        case .leakyReLU(let slope): x < 0 ? x * Double(slope) : x
        case .elu(let alpha): x < 0 ? Double(alpha) * expm1(x) : x
        case .softplus: max(x, 0) + log1p(exp(-abs(x)))
        case .hardSwish: x * min(max(x + 3, 0), 6) / 6
        case .hardSigmoid: min(max(x + 3, 0), 6) / 6
        case .relu6: min(max(x, 0), 6)
        }
    }

    @Test(arguments: awkwardLengths) func activationsMatchTheirFormulas(count: Int) {
        let x = randomValues(count, in: -12..<12)
        for activation in Self.activations {
            let actual = written(count) { activate(activation, x.span, into: &$0, pool: ThreadPool(threads: 1)) }
            #expect(largestError(actual, x.map { Float(exact(activation, Double($0))) }) < 1e-6, "\(activation)")
            let threaded = written(count) { activate(activation, x.span, into: &$0, pool: ThreadPool(threads: 3)) }
            #expect(isSame(actual, threaded))
        }
    }

    @Test(arguments: [1, 17, 1000, 40_000]) func gradientsAreTheSlopes(count: Int) {
        let (x, g) = (randomValues(count, in: -7..<7), randomValues(count, seed: 2))
        for activation in Self.activations {
            let actual = written(count) {
                activationGradient(activation, g.span, x: x.span, into: &$0, pool: ThreadPool(threads: 2))
            }
            // Not where a corner lies within the step.
            let corners = [-3.0, 0, 3, 6]
            for i in 0..<count where !corners.contains(where: { abs($0 - Double(x[i])) < 1e-3 }) {
                let slope = (exact(activation, Double(x[i]) + 1e-4) - exact(activation, Double(x[i]) - 1e-4)) / 2e-4
                #expect(
                    abs(Double(actual[i]) - slope * Double(g[i])) < 2e-6 + 1e-6 * abs(slope), "\(activation) \(x[i])")
            }
        }
    }

    /// The numbers are those of real MindSpore 2.10.
    @Test func slopesAtCornersAreThoseOfMindSpore() {
        let x: [Float] = [-4, -3, -1, -0.5, 0, 0.5, 1, 3, 6, 7]
        let ones = [Float](repeating: 1, count: 10)
        let slopes: [(Activation, [Float])] = [
            (.hardSwish, [0, -0.5, 0.16666667, 0.33333334, 0.5, 0.6666667, 0.8333333, 1.5, 1, 1]),
            (.relu6, [0, 0, 0, 0, 0, 1, 1, 1, 1, 0]),
            (.hardSigmoid, [0, 0, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 0, 0, 0]),
            (.leakyReLU(slope: 0.1), [0.1, 0.1, 0.1, 0.1, 0.55, 1, 1, 1, 1, 1]),
            (.elu(alpha: 1), [0.01831561, 0.04978704, 0.3678788, 0.6065305, 1, 1, 1, 1, 1, 1]),
        ]
        for (activation, expected) in slopes {
            let actual = written(10) {
                activationGradient(activation, ones.span, x: x.span, into: &$0, pool: ThreadPool(threads: 1))
            }
            #expect(largestError(actual, expected) < 1e-6, "\(activation)")
        }
    }

    @Test func activationsFarFromZeroStayFinite() {
        let x: [Float] = [-1e30, -200, -90, 90, 200]
        for activation in Self.activations {
            let actual = written(5) { activate(activation, x.span, into: &$0, pool: ThreadPool(threads: 1)) }
            let slopes = written(5) {
                activationGradient(activation, x.span, x: x.span, into: &$0, pool: ThreadPool(threads: 1))
            }
            #expect((actual + slopes).allSatisfy { $0.isFinite }, "\(activation)")
        }
    }

    @Test(arguments: awkwardLengths) func functionsOfOneNumberMatchTheLibrary(count: Int) {
        let x = randomValues(count, in: -9..<9)
        let functions: [(UnaryFunction, (Double) -> Double)] = [
            (.absolute, abs), (.sign, { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }), (.errorFunction, erf), (.sine, sin),
            (.cosine, cos), (.clip(lower: -1, upper: 2.5), { min(max($0, -1), 2.5) }), (.power(2), { $0 * $0 }),
            (.power(3), { $0 * $0 * $0 }), (.power(-1), { 1 / $0 }), (.power(4), { pow($0, 4) }),
        ]
        for (function, exact) in functions {
            let actual = written(count) { apply(function, x.span, into: &$0, pool: ThreadPool(threads: 1)) }
            #expect(largestError(actual, x.map { Float(exact(Double($0))) }) < 1e-6, "\(function)")
        }
        let positive = x.map(abs)
        for exponent in [Float(0.5), -0.5, 1.7] {
            let actual = written(count) {
                apply(.power(exponent), positive.span, into: &$0, pool: ThreadPool(threads: 1))
            }
            #expect(largestError(actual, positive.map { Float(pow(Double($0), Double(exponent))) }) < 1e-6)
        }
    }

    @Test(arguments: [(0, 3), (1, 1), (3, 17), (600, 40)])
    func logSoftmaxGradientIsItsFormula(rows: Int, columns: Int) {
        let (x, g) = (randomValues(rows * columns), randomValues(rows * columns, seed: 2))
        let y = written(x.count) { logSoftmax(x.span, into: &$0, rows: rows, columns: columns) }
        let actual = written(x.count) {
            logSoftmaxGradient(
                g.span, output: y.span, into: &$0, rows: rows, columns: columns, pool: ThreadPool(threads: 2))
        }
        for row in 0..<rows {
            let places = row * columns..<(row + 1) * columns
            let total = places.reduce(0.0) { $0 + Double(g[$1]) }
            let expected = places.map { Float(Double(g[$0]) - exp(Double(y[$0])) * total) }
            #expect(largestError(Array(actual[places]), expected) < 1e-5)
        }
    }
}
