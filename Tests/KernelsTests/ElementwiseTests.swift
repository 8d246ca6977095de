import Kernels
import Memory
import Testing

@Suite struct ElementwiseTests {
    typealias Unary = @Sendable (Span<Float>, inout MutableSpan<Float>) -> Void
    typealias Binary = @Sendable (Span<Float>, Span<Float>, inout MutableSpan<Float>) -> Void

    static let unary: [(String, Unary, Unary)] = [
        ("scale", { scale($0, by: -1.7, into: &$1) }, { Reference.scale($0, by: -1.7, into: &$1) }),
        ("addScalar", { addScalar($0, 0.3, into: &$1) }, { Reference.addScalar($0, 0.3, into: &$1) }),
        ("negate", { negate($0, into: &$1) }, { Reference.negate($0, into: &$1) }),
        ("square", { square($0, into: &$1) }, { Reference.square($0, into: &$1) }),
        ("sqrt", { sqrt($0, into: &$1) }, { Reference.sqrt($0, into: &$1) }),
        ("reciprocal", { reciprocal($0, into: &$1) }, { Reference.reciprocal($0, into: &$1) }),
        ("copy", { copy($0, into: &$1) }, { Reference.copy($0, into: &$1) }),
        ("relu", { relu($0, into: &$1) }, { Reference.relu($0, into: &$1) }),
    ]

    static let binary: [(String, Binary, Binary)] = [
        ("add", { add($0, $1, into: &$2) }, { Reference.add($0, $1, into: &$2) }),
        ("subtract", { subtract($0, $1, into: &$2) }, { Reference.subtract($0, $1, into: &$2) }),
        ("multiply", { multiply($0, $1, into: &$2) }, { Reference.multiply($0, $1, into: &$2) }),
        ("divide", { divide($0, $1, into: &$2) }, { Reference.divide($0, $1, into: &$2) }),
        ("maximum", { maximum($0, $1, into: &$2) }, { Reference.maximum($0, $1, into: &$2) }),
        ("minimum", { minimum($0, $1, into: &$2) }, { Reference.minimum($0, $1, into: &$2) }),
        (
            "reluGradient", { reluGradient($0, output: $1, into: &$2) },
            { Reference.reluGradient($0, output: $1, into: &$2) }
        ),
    ]

    /// Random numbers with the special ones among them.
    private func values(_ count: Int, seed: UInt64) -> [Float] {
        var values = randomValues(count, seed: seed)
        let special: [Float] = [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude]
        for (place, number) in special.enumerated() where count > 32 {
            values[(place * Int(seed) * 7) % count] = number
        }
        return values
    }

    @Test(arguments: awkwardLengths) func everyKernelOfOneArrayGivesTheBitsOfItsReference(count: Int) {
        let x = values(count, seed: 1)
        for (name, kernel, reference) in Self.unary {
            let actual = written(count) { kernel(x.span, &$0) }
            let same = isSame(actual, written(count) { reference(x.span, &$0) })
            #expect(same, "\(name)")
        }
    }

    @Test(arguments: awkwardLengths) func everyKernelOfTwoArraysGivesTheBitsOfItsReference(count: Int) {
        let (a, b) = (values(count, seed: 2), values(count, seed: 3))
        for (name, kernel, reference) in Self.binary {
            let actual = written(count) { kernel(a.span, b.span, &$0) }
            let same = isSame(actual, written(count) { reference(a.span, b.span, &$0) })
            #expect(same, "\(name)")
        }
    }

    @Test(arguments: awkwardLengths) func axpyAndFillMatchTheirReferences(count: Int) {
        let x = randomValues(count, seed: 4)
        var (actual, expected) = (randomValues(count, seed: 5), randomValues(count, seed: 5))
        var left = actual.mutableSpan
        var right = expected.mutableSpan
        axpy(0.37, x.span, into: &left)
        Reference.axpy(0.37, x.span, into: &right)
        #expect(largestError(actual, expected) < 2e-7)
        #expect(isSame(written(count) { fill(&$0, with: 7) }, written(count) { Reference.fill(&$0, with: 7) }))
    }

    @Test func theResultMayBeTheMemoryOfAnInput() {
        let slice = Slice<Float>(zeros: 37)
        var span = slice.mutableSpan
        fill(&span, with: 3)
        square(slice.span, into: &span)
        add(slice.span, slice.span, into: &span)
        #expect((0..<37).allSatisfy { slice.span[$0] == 18 })
    }

    @Test(arguments: [(0, 3), (1, 1), (3, 10), (5, 16), (2, 17), (7, 120)])
    func biasOfRowsGivesTheBitsOfItsReference(rows: Int, columns: Int) {
        let (x, bias) = (randomValues(rows * columns), randomValues(columns, seed: 2))
        let actual = written(x.count) { addBias(x.span, bias: bias.span, into: &$0, rows: rows, columns: columns) }
        let expected = written(x.count) {
            Reference.addBias(x.span, bias: bias.span, into: &$0, rows: rows, columns: columns)
        }
        #expect(isSame(actual, expected))
    }

    @Test(arguments: [(0, 2, 3), (1, 1, 1), (2, 3, 15), (3, 6, 100), (2, 5, 33)])
    func biasOfChannelsGivesTheBitsOfItsReference(batch: Int, channels: Int, plane: Int) {
        let (x, bias) = (randomValues(batch * channels * plane), randomValues(channels, seed: 2))
        let actual = written(x.count) {
            addChannelBias(x.span, bias: bias.span, into: &$0, batch: batch, channels: channels, plane: plane)
        }
        let expected = written(x.count) {
            Reference.addChannelBias(
                x.span, bias: bias.span, into: &$0, batch: batch, channels: channels, plane: plane)
        }
        #expect(isSame(actual, expected))
    }

    @Test(arguments: awkwardLengths + [16_384, 40_001]) func additionOnThreadsIsThatOnOne(count: Int) {
        let (a, b) = (values(count, seed: 1), values(count, seed: 2))
        let pool = ThreadPool(threads: 2)
        let sum = written(count) { add(a.span, b.span, into: &$0, pool: pool) }
        #expect(isSame(sum, written(count) { Reference.add(a.span, b.span, into: &$0) }))
    }
}
