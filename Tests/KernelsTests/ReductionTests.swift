import Kernels
import Testing

@Suite struct ReductionTests {
    @Test(arguments: awkwardLengths + [100_003]) func reductionsOfAnArrayMatchTheirReferences(count: Int) {
        let x = randomValues(count)
        let total = x.reduce(0) { $0 + abs($1) }
        #expect(abs(sum(of: x.span) - Reference.sum(of: x.span)) <= 1e-6 * total)
        #expect(abs(sumOfSquares(of: x.span) - Reference.sumOfSquares(of: x.span)) <= 2e-6 * total)
        #expect(maximum(of: x.span) == Reference.maximum(of: x.span))
        let means = (mean(of: x.span), Reference.mean(of: x.span))
        #expect(count == 0 ? means.0.isNaN : abs(means.0 - means.1) <= 2e-6)
    }

    @Test func sumHasTheOrderItDocuments() {
        // In the lanes' order the large numbers cancel first; in the array's order the ones would vanish.
        var x = [Float](repeating: 1, count: 64)
        (x[0], x[32]) = (1e9, -1e9)
        #expect(sum(of: x.span) == 62)
    }

    @Test(arguments: [1, 16, 17, 65, 200]) func aNaNIsTheMaximumWhereverItStands(count: Int) {
        for place in 0..<count {
            var x = randomValues(count)
            x[place] = .nan
            #expect(maximum(of: x.span).isNaN)
        }
    }

    @Test(arguments: awkwardLengths) func nonFiniteElementsAreCounted(count: Int) {
        var x = randomValues(count)
        for (place, number) in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude].enumerated()
        where count > 4 {
            x[place * count / 4] = number
        }
        #expect(countNonFinite(in: x.span) == Reference.countNonFinite(in: x.span))
        #expect(countNonFinite(in: x.span) == (count > 4 ? 3 : 0))
    }

    @Test(arguments: [(0, 5), (1, 1), (3, 10), (17, 16), (33, 17), (64, 120), (5, 300), (40, 1500)])
    func reductionsOfAxesMatchTheirReferences(rows: Int, columns: Int) {
        let x = randomValues(rows * columns)
        let leading = written(columns) { sumLeadingAxis(x.span, into: &$0, rows: rows, columns: columns) }
        let expectedLeading = written(columns) {
            Reference.sumLeadingAxis(x.span, into: &$0, rows: rows, columns: columns)
        }
        #expect(largestError(leading, expectedLeading) < 1e-5)
        let pool = ThreadPool(threads: 3)
        let onThreads = written(columns) {
            sumLeadingAxis(x.span, into: &$0, rows: rows, columns: columns, pool: pool)
        }
        #expect(isSame(onThreads, leading))
        let last = written(rows) { sumLastAxis(x.span, into: &$0, rows: rows, columns: columns) }
        let expectedLast = written(rows) { Reference.sumLastAxis(x.span, into: &$0, rows: rows, columns: columns) }
        #expect(largestError(last, expectedLast) < 1e-5)
    }

    @Test(arguments: [(0, 2, 3), (1, 1, 1), (3, 6, 784), (5, 16, 100), (2, 3, 17)])
    func sumsOfChannelsMatchTheReference(batch: Int, channels: Int, plane: Int) {
        let x = randomValues(batch * channels * plane)
        let actual = written(channels) {
            sumChannels(x.span, into: &$0, batch: batch, channels: channels, plane: plane)
        }
        let expected = written(channels) {
            Reference.sumChannels(x.span, into: &$0, batch: batch, channels: channels, plane: plane)
        }
        #expect(largestError(actual, expected) < 1e-5)
    }

    @Test(arguments: [1, 2, 10, 15, 16, 17, 64, 65, 130]) func argmaxTakesTheFirstOfEquals(columns: Int) {
        // Few different numbers, so that most rows have several largest; some rows hold NaN, one nothing else.
        var x = randomValues(40 * columns, in: 0..<4).map { $0.rounded() }
        for row in 0..<10 { x[row * columns + row % columns] = row.isMultiple(of: 2) ? .nan : -.infinity }
        for column in 0..<columns { x[39 * columns + column] = .nan }
        var (actual, expected) = ([Int32](repeating: -1, count: 40), [Int32](repeating: -2, count: 40))
        var left = actual.mutableSpan
        var right = expected.mutableSpan
        argmaxLastAxis(x.span, into: &left, rows: 40, columns: columns)
        Reference.argmaxLastAxis(x.span, into: &right, rows: 40, columns: columns)
        #expect(actual == expected)
    }

    @Test(arguments: [(0, 3), (1, 1), (1, 17), (17, 1), (16, 16), (15, 33), (100, 37)])
    func transposedMatrixMatchesTheReference(rows: Int, columns: Int) {
        let x = randomValues(rows * columns)
        let actual = written(x.count) { transpose(x.span, into: &$0, rows: rows, columns: columns) }
        let expected = written(x.count) { Reference.transpose(x.span, into: &$0, rows: rows, columns: columns) }
        #expect(isSame(actual, expected))
    }

    @Test(arguments: [
        ([], []), ([5], [0]), ([3, 4], [1, 0]), ([3, 4], [0, 1]), ([2, 3, 4], [2, 0, 1]),
        ([2, 17, 3, 19], [0, 2, 1, 3]),
        ([2, 5, 33], [0, 2, 1]), ([4, 1, 3, 1], [3, 2, 1, 0]), ([2, 3, 0], [1, 2, 0]),
        ([2, 3, 2, 3, 2, 2, 1, 5], [7, 0, 6, 1, 5, 2, 4, 3]),
    ])
    func permutedDimensionsMatchTheReference(shape: [Int], permutation: [Int]) {
        let x = randomValues(shape.reduce(1, *))
        let actual = written(x.count) { transpose(x.span, into: &$0, shape: shape, permutation: permutation) }
        let expected = written(x.count) {
            Reference.transpose(x.span, into: &$0, shape: shape, permutation: permutation)
        }
        #expect(isSame(actual, expected))
    }
}
