import Kernels
import Testing

@Suite struct PoolingTests {
    static let geometries = [
        // LeNet-5's, then odd sizes, overlapping windows, windows in padding, rows wider than the lanes.
        geometry(3, 6, WindowAxis(input: 28, kernel: 2, stride: 2), WindowAxis(input: 28, kernel: 2, stride: 2)),
        geometry(3, 16, WindowAxis(input: 10, kernel: 2, stride: 2), WindowAxis(input: 10, kernel: 2, stride: 2)),
        geometry(0, 2, WindowAxis(input: 4, kernel: 2), WindowAxis(input: 4, kernel: 2)),
        geometry(1, 1, WindowAxis(input: 1, kernel: 1), WindowAxis(input: 1, kernel: 1)),
        geometry(2, 3, WindowAxis(input: 7, kernel: 3), WindowAxis(input: 35, kernel: 3)),
        geometry(2, 2, WindowAxis(input: 9, kernel: 3, stride: 2), WindowAxis(input: 66, kernel: 3, stride: 2)),
        geometry(1, 2, same(9, 3, 2), same(36, 5, 2)),
        geometry(2, 1, same(5, 4, 3), same(55, 4, 3)),
        geometry(1, 1, same(5, 5, 1), same(3, 5, 1)),
    ]

    static func geometry(_ batch: Int, _ channels: Int, _ height: WindowAxis, _ width: WindowAxis) -> PoolingGeometry {
        PoolingGeometry(batch: batch, channels: channels, height: height, width: width)
    }

    static func same(_ input: Int, _ kernel: Int, _ stride: Int) -> WindowAxis {
        WindowAxis(input: input, kernel: kernel, stride: stride, padding: .same)
    }

    private func pooled(
        _ geometry: PoolingGeometry, _ kernel: (inout MutableSpan<Float>, inout MutableSpan<Int32>) -> Void
    ) -> ([Float], [Int32]) {
        var indices = [Int32](repeating: -1, count: geometry.outputCount)
        var span = indices.mutableSpan
        let output = written(geometry.outputCount) { kernel(&$0, &span) }
        return (output, indices)
    }

    @Test(arguments: geometries, [1, 3]) func maximaAndPlacesAreThoseOfTheReference(
        geometry: PoolingGeometry, threads: Int
    ) {
        let pool = ThreadPool(threads: threads)
        // Few different numbers make ties; NaN and −∞ are among them.
        var input = randomValues(geometry.inputCount, in: -2..<2).map { $0.rounded() }
        for place in input.indices where place % 23 == 5 { input[place] = place.isMultiple(of: 2) ? .nan : -.infinity }
        let (output, indices) = pooled(geometry) {
            maxPool2D(input.span, into: &$0, indices: &$1, geometry: geometry, pool: pool)
        }
        let (expected, expectedIndices) = pooled(geometry) {
            Reference.maxPool2D(input.span, into: &$0, indices: &$1, geometry: geometry)
        }
        #expect(isSame(output, expected))
        #expect(indices == expectedIndices)

        let gradient = randomValues(geometry.outputCount, seed: 2)
        let actual = written(geometry.inputCount) {
            maxPool2DGradient(gradient.span, indices: indices.span, into: &$0, geometry: geometry, pool: pool)
        }
        let back = written(geometry.inputCount) {
            Reference.maxPool2DGradient(gradient.span, indices: indices.span, into: &$0, geometry: geometry)
        }
        #expect(isSame(actual, back))
    }

    @Test(arguments: geometries.dropFirst(2)) func gradientIsThatOfTheReferenceNumerically(geometry: PoolingGeometry) {
        // Numbers so far apart that a small step changes no order.
        let order = CounterBasedGenerator(seed: 5, stream: 0).permutation(of: geometry.inputCount)
        let input = order.map { Float($0) }
        let gradient = randomValues(geometry.outputCount, seed: 2)
        let pool = ThreadPool(threads: 1)
        let (_, indices) = pooled(geometry) {
            maxPool2D(input.span, into: &$0, indices: &$1, geometry: geometry, pool: pool)
        }
        let actual = written(geometry.inputCount) {
            maxPool2DGradient(gradient.span, indices: indices.span, into: &$0, geometry: geometry, pool: pool)
        }
        let error = largestGradientError(actual, of: input, step: 0.25) { input in
            let output = pooled(geometry) {
                Reference.maxPool2D(input.span, into: &$0, indices: &$1, geometry: geometry)
            }
            return scalarProduct(output.0, gradient)
        }
        #expect(error < 1e-5)
    }
}
