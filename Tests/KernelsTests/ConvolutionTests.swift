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
    ]

    static func geometry(
        _ batch: Int, _ inputs: Int, _ outputs: Int, _ height: WindowAxis, _ width: WindowAxis
    ) -> ConvolutionGeometry {
        ConvolutionGeometry(
            batch: batch, inputChannels: inputs, outputChannels: outputs, height: height, width: width)
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

    @Test(arguments: geometries) func convolutionAndGradientsMatchTheirReferences(geometry: ConvolutionGeometry) {
        let example = Case(geometry)
        for (actual, expected) in zip(example.results(threads: 1), example.references) {
            #expect(largestError(actual, expected) < 1e-4)
        }
    }

    @Test(arguments: geometries) func resultsDoNotDependOnTheNumberOfThreads(geometry: ConvolutionGeometry) {
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

    @Test func samePaddingIsThatOfMindSpore() {
        // ⌈input / stride⌉ places, the odd padding at the end.
        let axis = Self.same(32, 5, stride: 2)
        #expect((axis.output, axis.paddingBefore, axis.paddingAfter) == (16, 1, 2))
        #expect(Self.same(28, 5).output == 28 && Self.same(28, 5).paddingBefore == 2)
        #expect(WindowAxis(input: 32, kernel: 5).output == 28)
        #expect(WindowAxis(input: 10, kernel: 2, stride: 3).output == 3)
    }
}
