import Kernels
import LayerKernels
import Testing

@Suite struct AveragePoolingTests {
    static let geometries = [
        geometry(6, sliding(8, 2, 2), sliding(8, 2, 2)),
        geometry(3, sliding(7, 3, 2, padding: 1), sliding(35, 3, 2, padding: 1)),
        geometry(2, sliding(9, 3, 1, padding: 1, counts: false), sliding(66, 5, 3, padding: 2, counts: false)),
        geometry(5, AveragingAxis(adaptive: 8, output: 1), AveragingAxis(adaptive: 8, output: 1)),
        geometry(2, AveragingAxis(adaptive: 7, output: 3), AveragingAxis(adaptive: 40, output: 17)),
        geometry(2, AveragingAxis(adaptive: 3, output: 5), AveragingAxis(adaptive: 1, output: 1)),
        geometry(0, sliding(4, 2, 2), sliding(4, 2, 2)),
    ]

    static func geometry(_ planes: Int, _ height: AveragingAxis, _ width: AveragingAxis) -> AveragePoolingGeometry {
        AveragePoolingGeometry(planes: planes, height: height, width: width)
    }

    static func sliding(
        _ input: Int, _ kernel: Int, _ stride: Int, padding: Int = 0, counts: Bool = true
    ) -> AveragingAxis {
        AveragingAxis(
            WindowAxis(
                input: input, kernel: kernel, stride: stride, padding: .explicit(before: padding, after: padding)),
            countsPadding: counts)
    }

    @Test(arguments: geometries, [1, 3]) func meansAndGradientsMatchTheReference(
        geometry: AveragePoolingGeometry, threads: Int
    ) {
        let pool = ThreadPool(threads: threads)
        let (input, gradient) = (randomValues(geometry.inputCount), randomValues(geometry.outputCount, seed: 2))
        let actual = written(geometry.outputCount) {
            averagePool2D(input.span, into: &$0, geometry: geometry, pool: pool)
        }
        let expected = written(geometry.outputCount) {
            Reference.averagePool2D(input.span, into: &$0, geometry: geometry)
        }
        #expect(largestError(actual, expected) < 1e-6)
        let back = written(geometry.inputCount) {
            averagePool2DGradient(gradient.span, into: &$0, geometry: geometry, pool: pool)
        }
        let expectedBack = written(geometry.inputCount) {
            Reference.averagePool2DGradient(gradient.span, into: &$0, geometry: geometry)
        }
        #expect(largestError(back, expectedBack) < 1e-6)
    }

    @Test func gradientIsThatOfTheReferenceNumerically() {
        for geometry in Self.geometries.prefix(6) {
            let (input, gradient) = (randomValues(geometry.inputCount), randomValues(geometry.outputCount, seed: 2))
            let actual = written(geometry.inputCount) {
                averagePool2DGradient(gradient.span, into: &$0, geometry: geometry, pool: ThreadPool(threads: 1))
            }
            let error = largestGradientError(actual, of: input, step: 1) { input in
                let output = written(geometry.outputCount) {
                    Reference.averagePool2D(input.span, into: &$0, geometry: geometry)
                }
                return scalarProduct(output, gradient)
            }
            #expect(error < 1e-5)
        }
    }

    @Test func paddingCountsAsInMindSpore() {
        // nn.AvgPool2d(3, 2, pad_mode="pad", padding=1) of ones, 4 × 4.
        let ones = [Float](repeating: 1, count: 16)
        let axis = Self.sliding(4, 3, 2, padding: 1)
        let geometry = AveragePoolingGeometry(planes: 1, height: axis, width: axis)
        let means = written(4) {
            averagePool2D(ones.span, into: &$0, geometry: geometry, pool: ThreadPool(threads: 1))
        }
        #expect(largestError(means, [0.44444445, 0.6666667, 0.6666667, 1]) < 1e-6)
    }
}
