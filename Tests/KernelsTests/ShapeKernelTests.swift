import Foundation
import Kernels
import LayerKernels
import Testing

/// Functions of tensors of any shapes, against loops over every index.
@Suite struct ShapeKernelTests {
    private let pool = ThreadPool(threads: 1)

    /// Every index of a shape, in the order of the elements.
    private func indices(of shape: [Int]) -> [[Int]] {
        shape.reduce([[]]) { indices, length in indices.flatMap { index in (0..<length).map { index + [$0] } } }
    }

    /// The place of an index in an array of `shape`, whose dimensions of length 1 repeat.
    private func place(_ index: [Int], in shape: [Int]) -> Int {
        zip(index.suffix(shape.count), shape).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
    }

    static let pairs: [([Int], [Int])] = [
        ([7], [7]), ([], [3]), ([2, 3, 17], [17]), ([4, 5, 6, 7], [5, 1, 1]), ([3, 1, 33], [4, 1]), ([1, 5], [9, 1]),
        ([2, 1, 3, 1, 5], [4, 1, 6, 1]), ([0, 3], [3]), ([64, 1], [1, 64]), ([100, 300], [100, 300]),
    ]

    @Test(arguments: pairs) func functionsOfTwoTensorsRepeatDimensions(a: [Int], b: [Int]) {
        let plan = BroadcastPlan(a: a, b: b)
        let (x, y) = (randomValues(a.reduce(1, *)), randomValues(b.reduce(1, *), seed: 2))
        let rounded = (x.map { $0.rounded() }, y.map { $0.rounded() })
        for function in BinaryFunction.allCases {
            // Comparisons have something to find equal.
            let (x, y) = [.equal, .notEqual, .lessOrEqual].contains(function) ? rounded : (x.map(abs), y)
            let expected = indices(of: plan.shape).map { value(function, x[place($0, in: a)], y[place($0, in: b)]) }
            let actual = written(plan.count) { plan.apply(function, x.span, y.span, into: &$0, pool: pool) }
            #expect(largestError(actual, expected) < 1e-6, "\(function)")
            let threaded = written(plan.count) {
                plan.apply(function, x.span, y.span, into: &$0, pool: ThreadPool(threads: 3))
            }
            #expect(isSame(actual, threaded))
        }
    }

    private func value(_ function: BinaryFunction, _ a: Float, _ b: Float) -> Float {
        switch function {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .maximum: max(a, b)
        case .minimum: min(a, b)
        case .power: Float(pow(Double(a), Double(b)))
        case .equal: a == b ? 1 : 0
        case .notEqual: a != b ? 1 : 0
        case .less: a < b ? 1 : 0
        case .lessOrEqual: a <= b ? 1 : 0
        case .greater: a > b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        }
    }

    static let reductions: [([Int], [Int])] = [
        ([7], [0]), ([3, 17], [1]), ([3, 17], [0]), ([3, 17], [0, 1]), ([2, 3, 4, 5], [1, 3]), ([2, 3, 4, 5], [0, 2]),
        ([5, 1, 33], [-1]), ([5, 1, 33], [0, 1]), ([4, 100], []), ([2, 3], [0, 1]), ([0, 3], [1]), ([3, 0], [1]),
        ([1, 1], [0]), ([40, 500], [1]),
    ]

    @Test(arguments: reductions) func reductionsRunOverAnyAxes(shape: [Int], axes: [Int]) {
        let plan = ReductionPlan(shape: shape, axes: axes)
        let x = randomValues(shape.reduce(1, *))
        let kept = plan.keptShape
        for reduction in Reduction.allCases {
            var groups = [[Double]](repeating: [], count: plan.count)
            for (i, index) in indices(of: shape).enumerated() { groups[place(index, in: kept)].append(Double(x[i])) }
            let expected = groups.map { values -> Float in
                switch reduction {
                case .sum: Float(values.reduce(0, +))
                case .mean: Float(values.reduce(0, +) / Double(values.count))
                case .maximum: Float(values.max() ?? -.infinity)
                case .minimum: Float(values.min() ?? .infinity)
                }
            }
            let actual = written(plan.count) { plan.apply(reduction, x.span, into: &$0, pool: pool) }
            #expect(largestError(actual, expected) < 1e-5, "\(reduction)")
            let threaded = written(plan.count) {
                plan.apply(reduction, x.span, into: &$0, pool: ThreadPool(threads: 3))
            }
            #expect(isSame(actual, threaded))
        }
    }

    @Test func largestAndSmallestSeeNaN() {
        var x = randomValues(40)
        x[21] = .nan
        for reduction in [Reduction.maximum, .minimum] {
            let plan = ReductionPlan(shape: [2, 20], axes: [1])
            let rows = written(2) { plan.apply(reduction, x.span, into: &$0, pool: pool) }
            #expect(!rows[0].isNaN && rows[1].isNaN)
        }
    }

    @Test func copiesSliceTurnAndRepeat() {
        let x = (0..<24).map { Float($0) }
        // Every second column of rows 1 and 2 of [4, 6], the rows turned round.
        let place = StridedPlace(in: [4, 6], starts: [2, 1], steps: [-1, 2])
        let part = CopyPlan(shape: [2, 3], from: place, to: StridedPlace(whole: [2, 3]))
        #expect(written(6) { part.copy(x.span, into: &$0, pool: pool) } == [13, 15, 17, 7, 9, 11])
        // And back, into zeros.
        let back = CopyPlan(shape: [2, 3], from: StridedPlace(whole: [2, 3]), to: place)
        var sums = [Float](repeating: 0, count: 24)
        var span = sums.mutableSpan
        back.add(x.span.extracting(1..<7), to: &span)
        #expect(sums[13] == 1 && sums[11] == 6 && sums.filter { $0 != 0 }.count == 6)
        // A row three times, and the sums of that.
        let row = StridedPlace(strides: [0, 1])
        let repetition = CopyPlan(shape: [3, 4], from: row, to: StridedPlace(whole: [3, 4]))
        #expect(
            written(12) { repetition.copy(x.span.extracting(..<4), into: &$0, pool: pool) } == [
                0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
            ])
        var totals: [Float] = [0, 0, 0, 0]
        var totalSpan = totals.mutableSpan
        CopyPlan(shape: [3, 4], from: StridedPlace(whole: [3, 4]), to: row).add(
            x.span.extracting(..<12), to: &totalSpan)
        #expect(totals == [12, 15, 18, 21])
    }

    @Test(arguments: [([2, 3, 5], 1), ([4, 33], 0), ([17], 0), ([2, 3, 5], -1)])
    func sumsAlongADimension(shape: [Int], axis: Int) {
        let geometry = AxisGeometry(shape: shape, axis: axis)
        let x = randomValues(geometry.count)
        for (exclusive, reverse) in [(false, false), (true, false), (false, true), (true, true)] {
            var expected = x
            for outer in 0..<geometry.outer {
                for inner in 0..<geometry.inner {
                    var total: Float = 0
                    for step in 0..<geometry.length {
                        let index = reverse ? geometry.length - 1 - step : step
                        let place = (outer * geometry.length + index) * geometry.inner + inner
                        expected[place] = exclusive ? total : total + x[place]
                        total += x[place]
                    }
                }
            }
            let actual = written(geometry.count) {
                cumulativeSum(x.span, into: &$0, geometry: geometry, exclusive: exclusive, reverse: reverse)
            }
            #expect(isSame(actual, expected))
        }
    }

    @Test func elementsAreTakenAlongADimensionAndSentBack() {
        let geometry = AxisGeometry(shape: [2, 3, 2], axis: 1)
        let x = (0..<12).map { Float($0) }
        let indices: [Int32] = [2, 0, -1, 2]
        let taken = written(16) { gather(x.span, indices: indices.span, into: &$0, geometry: geometry) }
        #expect(taken == [4, 5, 0, 1, 4, 5, 4, 5, 10, 11, 6, 7, 10, 11, 10, 11])
        let ones = [Float](repeating: 1, count: 16)
        let back = written(12) { scatterAdd(ones.span, indices: indices.span, into: &$0, geometry: geometry) }
        #expect(back == [1, 1, 0, 0, 3, 3, 1, 1, 0, 0, 3, 3])
        var places = [Int32](repeating: -1, count: 4)
        var span = places.mutableSpan
        let y: [Float] = [1, .nan, 5, 2, 5, 9, 0, 0, 0, 0, 0, 0]
        argmax(y.span, into: &span, geometry: geometry)
        #expect(places == [1, 2, 0, 0])
        let condition: [Float] = [0, 1, -2, 0]
        #expect(
            written(4) {
                select(condition.span, x.span.extracting(..<4), x.span.extracting(4..<8), into: &$0)
            } == [4, 1, 2, 7])
    }

    static let axes = [
        (ResizeAxis(input: 2, output: 5, rule: .linear), ResizeAxis(input: 3, output: 7, rule: .linear)),
        (
            ResizeAxis(input: 2, output: 5, rule: .linearAlignedCorners),
            ResizeAxis(input: 3, output: 7, rule: .linearAlignedCorners)
        ),
        (ResizeAxis(input: 2, output: 5, rule: .nearest), ResizeAxis(input: 3, output: 7, rule: .nearest)),
        (ResizeAxis(input: 6, output: 3, rule: .linear), ResizeAxis(input: 5, output: 1, rule: .linearAlignedCorners)),
    ]

    /// The numbers are those of real MindSpore 2.10, `interpolate` of 0 … 5.
    @Test func resizingIsThatOfMindSpore() {
        let x: [Float] = [0, 1, 2, 3, 4, 5]
        let expected: [[Float]] = [
            [0.30000007, 0.4428572, 0.8714286, 1.3000001, 1.7285715, 2.157143, 2.3000002],
            [0.75, 1.0833334, 1.4166667, 1.75, 2.0833335, 2.4166667, 2.75],
            [0, 0, 0, 1, 1, 2, 2],
        ]
        for (axes, row) in zip(Self.axes, expected) {
            let actual = written(35) {
                resize2D(x.span, into: &$0, planes: 1, height: axes.0, width: axes.1, pool: pool)
            }
            #expect(largestError(Array(actual[7..<14]), row) < 1e-6)
        }
    }

    @Test(arguments: 0..<4) func gradientOfResizingIsThatOfItselfNumerically(index: Int) {
        let (height, width) = Self.axes[index]
        let input = randomValues(2 * height.input * width.input)
        let gradient = randomValues(2 * height.output * width.output, seed: 2)
        let actual = written(input.count) {
            resize2DGradient(gradient.span, into: &$0, planes: 2, height: height, width: width, pool: pool)
        }
        let error = largestGradientError(actual, of: input, step: 1) { input in
            let output = written(gradient.count) {
                resize2D(input.span, into: &$0, planes: 2, height: height, width: width, pool: pool)
            }
            return scalarProduct(output, gradient)
        }
        #expect(error < 1e-5)
    }
}
