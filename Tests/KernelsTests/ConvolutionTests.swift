import Kernels
import Testing

@Suite struct ConvolutionTests {
    /// LeNet-5's layers, then everything awkward: odd channels, strides, dilation, padding on one side, windows as large
    /// as the input, outputs narrower and wider than the lanes.
    static let geometries = [
        geometry(3, 1, 6, WindowAxis(input: 32, kernel: 5), WindowAxis(input: 32, kernel: 5)),
        geometry(3, 6, 16, WindowAxis(input: 14, kernel: 5), WindowAxis(input: 14, kernel: 5)),
        geometry(0, 2, 3, WindowAxis(input: 4, kernel: 3), WindowAxis(input: 4, kernel: 3)),
        geometry(1, 1, 1, WindowAxis(input: 1, kernel: 1), WindowAxis(input: 1, kernel: 1)),
        geometry(2, 3, 5, WindowAxis(input: 5, kernel: 5), WindowAxis(input: 7, kernel: 7)),
        geometry(2, 3, 7, same(9, 3), same(17, 3)),
        geometry(2, 2, 15, same(9, 3, stride: 2), same(34, 4, stride: 2)),
        geometry(2, 2, 3, WindowAxis(input: 11, kernel: 2, stride: 3), WindowAxis(input: 70, kernel: 3, stride: 4)),
        geometry(1, 3, 2, same(10, 3, dilation: 2), same(19, 3, stride: 3, dilation: 2)),
        geometry(
            2, 2, 4, WindowAxis(input: 6, kernel: 3, padding: .explicit(before: 0, after: 2)),
            WindowAxis(input: 20, kernel: 2, stride: 2, padding: .explicit(before: 3, after: 1))),
        geometry(
            1, 2, 2, WindowAxis(input: 3, kernel: 1, padding: .explicit(before: 2, after: 3)),
            WindowAxis(input: 3, kernel: 1, padding: .explicit(before: 4, after: 1))),
        // Groups: of several channels, depthwise, and depthwise with several kernels a channel.
        geometry(2, 4, 6, same(9, 3), same(17, 3), groups: 2),
        geometry(3, 5, 5, same(8, 3, stride: 2), same(33, 3, stride: 2), groups: 5),
        geometry(2, 3, 9, WindowAxis(input: 2, kernel: 2), WindowAxis(input: 3, kernel: 2), groups: 3),
    ]

    /// Enough channels for products: ResNet's windows, whole and short panels, panels over several images, groups, and
    /// everything awkward again.
    static let wideGeometries = [
        geometry(5, 40, 24, same(8, 3, stride: 2), same(8, 3, stride: 2)),
        geometry(2, 24, 32, same(32, 5), same(33, 3)),
        geometry(3, 70, 50, WindowAxis(input: 7, kernel: 1), WindowAxis(input: 9, kernel: 1)),
        geometry(2, 24, 48, WindowAxis(input: 9, kernel: 1, stride: 2), WindowAxis(input: 9, kernel: 1, stride: 2)),
        geometry(2, 8, 16, WindowAxis(input: 11, kernel: 2, stride: 3), WindowAxis(input: 70, kernel: 3, stride: 4)),
        geometry(1, 9, 17, same(10, 3, dilation: 2), same(19, 3, stride: 3, dilation: 2)),
        geometry(2, 48, 32, same(9, 3), same(17, 5), groups: 2),
        geometry(7, 24, 72, same(3, 3), same(1, 3), groups: 3),
        geometry(8, 24, 32, same(3, 5), same(3, 5)),
        geometry(0, 16, 16, same(4, 3), same(4, 3)),
        geometry(
            2, 12, 20, WindowAxis(input: 6, kernel: 3, padding: .explicit(before: 0, after: 2)),
            WindowAxis(input: 20, kernel: 2, stride: 2, padding: .explicit(before: 3, after: 1))),
        geometry(
            1, 8, 16, WindowAxis(input: 3, kernel: 1, padding: .explicit(before: 2, after: 3)),
            WindowAxis(input: 3, kernel: 1, padding: .explicit(before: 4, after: 1))),
        geometry(2, 10, 16, WindowAxis(input: 20, kernel: 17), WindowAxis(input: 18, kernel: 17)),
    ]

    /// 3 × 3 windows at every place, which are tiles of minimal filtering: whole tiles, cut ones, several images a block and
    /// several blocks an image, odd channels, any padding.
    static let filteredGeometries = [
        geometry(2, 64, 64, same(8, 3), same(8, 3)),
        geometry(3, 16, 40, same(32, 3), same(32, 3)),
        geometry(33, 64, 33, same(4, 3), same(4, 3)),
        geometry(2, 17, 19, same(13, 3), WindowAxis(input: 50, kernel: 3)),
        geometry(1, 16, 16, same(50, 3), same(50, 3)),
        geometry(0, 16, 16, same(4, 3), same(4, 3)),
        geometry(
            2, 300, 16, WindowAxis(input: 2, kernel: 3, padding: .explicit(before: 1, after: 2)),
            WindowAxis(input: 5, kernel: 3, padding: .explicit(before: 2, after: 0))),
    ]

    static func geometry(
        _ batch: Int, _ inputs: Int, _ outputs: Int, _ height: WindowAxis, _ width: WindowAxis, groups: Int = 1
    ) -> ConvolutionGeometry {
        ConvolutionGeometry(
            batch: batch, inputChannels: inputs, outputChannels: outputs, groups: groups, height: height, width: width)
    }

    static func same(_ input: Int, _ kernel: Int, stride: Int = 1, dilation: Int = 1) -> WindowAxis {
        WindowAxis(input: input, kernel: kernel, stride: stride, dilation: dilation, padding: .same)
    }

    /// A convolution with random numbers in it, and its three kernels.
    struct Case {
        let geometry: ConvolutionGeometry
        let input: [Float]
        let weight: [Float]
        let gradient: [Float]

        init(_ geometry: ConvolutionGeometry) {
            self.geometry = geometry
            input = randomValues(geometry.inputCount, seed: 1)
            weight = randomValues(geometry.weightCount, seed: 2)
            gradient = randomValues(geometry.outputCount, seed: 3)
        }

        func results(threads: Int) -> [[Float]] {
            let pool = ThreadPool(threads: threads)
            return [
                written(geometry.outputCount) {
                    convolve2D(input.span, weight: weight.span, into: &$0, geometry: geometry, pool: pool)
                },
                written(geometry.inputCount) {
                    convolve2DInputGradient(
                        gradient.span, weight: weight.span, into: &$0, geometry: geometry, pool: pool)
                },
                written(geometry.weightCount) {
                    convolve2DWeightGradient(
                        input.span, outputGradient: gradient.span, into: &$0, geometry: geometry, pool: pool)
                },
            ]
        }

        var references: [[Float]] {
            [
                written(geometry.outputCount) {
                    Reference.convolve2D(input.span, weight: weight.span, into: &$0, geometry: geometry)
                },
                written(geometry.inputCount) {
                    Reference.convolve2DInputGradient(
                        gradient.span, weight: weight.span, into: &$0, geometry: geometry)
                },
                written(geometry.weightCount) {
                    Reference.convolve2DWeightGradient(
                        input.span, outputGradient: gradient.span, into: &$0, geometry: geometry)
                },
            ]
        }
    }

    @Test(arguments: geometries + wideGeometries) func convolutionAndGradientsMatchTheirReferences(
        geometry: ConvolutionGeometry
    ) {
        let example = Case(geometry)
        for (actual, expected) in zip(example.results(threads: 1), example.references) {
            #expect(largestError(actual, expected) < 1e-4)
        }
    }

    @Test(arguments: geometries + wideGeometries + filteredGeometries) func resultsDoNotDependOnTheNumberOfThreads(
        geometry: ConvolutionGeometry
    ) {
        let example = Case(geometry)
        let single = example.results(threads: 1)
        for threads in [2, 3, 7] {
            #expect(zip(single, example.results(threads: threads)).allSatisfy { isSame($0, $1) })
        }
    }

    @Test(arguments: geometries.dropFirst(2)) func gradientsAreThoseOfTheReferenceNumerically(
        geometry: ConvolutionGeometry
    ) {
        let example = Case(geometry)
        let results = example.results(threads: 1)
        // Of the scalar product of output and gradient, which is linear in each: a wide step costs no accuracy.
        let inputError = largestGradientError(results[1], of: example.input, step: 1) { input in
            let output = written(geometry.outputCount) {
                Reference.convolve2D(input.span, weight: example.weight.span, into: &$0, geometry: geometry)
            }
            return scalarProduct(output, example.gradient)
        }
        let weightError = largestGradientError(results[2], of: example.weight, step: 1) { weight in
            let output = written(geometry.outputCount) {
                Reference.convolve2D(example.input.span, weight: weight.span, into: &$0, geometry: geometry)
            }
            return scalarProduct(output, example.gradient)
        }
        #expect(inputError < 1e-4 && weightError < 1e-4)
    }

    /// Its sums cancel more than those in the order of the window do: the errors are shares of the result's size.
    @Test(arguments: filteredGeometries) func minimalFilteringIsNearlyAsExactAsSums(geometry: ConvolutionGeometry) {
        let example = Case(geometry)
        for (actual, expected) in zip(example.results(threads: 1), example.references) where !expected.isEmpty {
            let size = (scalarProduct(expected, expected) / Double(expected.count)).squareRoot()
            let errors = zip(actual, expected).map { $0 - $1 }
            let error = (scalarProduct(errors, errors) / Double(errors.count)).squareRoot()
            let worst = errors.reduce(0) { max($0, abs($1)) }
            #expect(error <= 1.5e-6 * size && Double(worst) <= 1.5e-5 * size)
        }
    }

    @Test func samePaddingIsThatOfMindSpore() {
        // ⌈input / stride⌉ places, the odd padding at the end.
        let axis = Self.same(32, 5, stride: 2)
        #expect((axis.output, axis.paddingBefore, axis.paddingAfter) == (16, 1, 2))
        #expect(Self.same(28, 5).output == 28 && Self.same(28, 5).paddingBefore == 2)
        #expect(WindowAxis(input: 32, kernel: 5).output == 28)
        #expect(WindowAxis(input: 10, kernel: 2, stride: 3).output == 3)
    }
}
