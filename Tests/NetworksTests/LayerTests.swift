import Graphs
import Networks
import Tensors
import Testing

/// Layers against plain loops.
@Suite struct LayerTests {
    @Test(arguments: [true, false]) func denseIsAProductWithTheTransposedWeight(hasBias: Bool) throws {
        let layer = Dense(5, 3, hasBias: hasBias)
        fillWithWaves(layer.parameters)
        let x = wave(4 * 5, 0.9)
        let expected = plainDense(x, layer, inputs: 5, outputs: 3)
        #expect(largestError(try evaluated([Tensor(x, shape: [4, 5])]) { layer($0[0]) }, expected) < 1e-6)
    }

    @Test(arguments: [(1, 0, 1, false), (2, 1, 1, true), (1, 2, 2, true), (3, 1, 2, false)])
    func convolutionSlidesItsWindow(stride: Int, padding: Int, dilation: Int, hasBias: Bool) throws {
        let layer = Conv2d(
            2, 3, kernelSize: 3, stride: stride, padMode: .pad, padding: padding, dilation: dilation, hasBias: hasBias)
        fillWithWaves(layer.parameters)
        let x = wave(2 * 2 * 7 * 7, 0.4)
        let size = (7 + 2 * padding - 2 * dilation - 1) / stride + 1
        let weight = layer.weight.values
        var expected: [Float] = []
        for (n, o) in pairs(2, 3) {
            for (i, j) in pairs(size, size) {
                var sum = layer.bias?.values[o] ?? 0
                for (h, w) in pairs(3, 3) {
                    let (y, z) = (i * stride + h * dilation - padding, j * stride + w * dilation - padding)
                    guard (0..<7).contains(y), (0..<7).contains(z) else { continue }
                    for c in 0..<2 { sum += x[((n * 2 + c) * 7 + y) * 7 + z] * weight[((o * 2 + c) * 3 + h) * 3 + w] }
                }
                expected.append(sum)
            }
        }
        #expect(largestError(try evaluated([Tensor(x, shape: [2, 2, 7, 7])]) { layer($0[0]) }, expected) < 1e-6)
    }

    @Test func poolingTakesTheLargestOfEachWindow() throws {
        let x = wave(2 * 5 * 7, 0.8)
        let layer = MaxPool2d(kernelSize: 3, stride: 2)
        var expected: [Float] = []
        for n in 0..<2 {
            for (i, j) in pairs(2, 3) {
                let window = pairs(3, 3).map { h, w in x[(n * 5 + 2 * i + h) * 7 + 2 * j + w] }
                expected.append(window.reduce(-.infinity, max))
            }
        }
        #expect(try evaluated([Tensor(x, shape: [2, 1, 5, 7])]) { layer($0[0]) } == expected)
    }

    @Test func poolingWithDefaultsChangesNothing() throws {
        let x = wave(6, 0.8)
        #expect(try evaluated([Tensor(x, shape: [1, 1, 2, 3])]) { MaxPool2d()($0[0]) } == x)
    }

    @Test func chainAppliesItsCellsInOrder() throws {
        let dense = Dense(6, 2)
        fillWithWaves(dense.parameters)
        let chain = SequentialCell(ReLU(), Flatten(), dense)
        let x = wave(12, 0.6)
        let expected = plainDense(x.map { max($0, 0) }, dense, inputs: 6, outputs: 2)
        #expect(largestError(try evaluated([Tensor(x, shape: [2, 1, 2, 3])]) { chain($0[0]) }, expected) < 1e-6)
    }

    @Test func emptyChainChangesNothing() throws {
        let x = wave(3, 0.6)
        #expect(try evaluated([Tensor(x, shape: [3])]) { SequentialCell()($0[0]) } == x)
    }

    private func plainDense(_ x: [Float], _ layer: Dense, inputs: Int, outputs: Int) -> [Float] {
        let weight = layer.weight.values
        return pairs(x.count / inputs, outputs).map { row, output in
            var sum = layer.bias?.values[output] ?? 0
            for k in 0..<inputs { sum += x[row * inputs + k] * weight[output * inputs + k] }
            return sum
        }
    }

    private func pairs(_ height: Int, _ width: Int) -> [(Int, Int)] {
        (0..<height).flatMap { i in (0..<width).map { (i, $0) } }
    }
}
