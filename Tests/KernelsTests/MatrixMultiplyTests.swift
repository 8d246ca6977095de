import Kernels
import Memory
import Testing

/// One product: its sizes, and how the matrices are stored.
private struct Shape: CustomTestStringConvertible {
    var batch = 1
    let m: Int
    let n: Int
    let k: Int
    var transposeA = false
    var transposeB = false
    var accumulate = false

    var testDescription: String {
        "\(batch) × [\(m), \(k)]\(transposeA ? "ᵀ" : "") · [\(k), \(n)]\(transposeB ? "ᵀ" : "")"
            + (accumulate ? " added" : "")
    }

    /// The shape in every way of storing it.
    static func allForms(m: Int, n: Int, k: Int) -> [Shape] {
        [false, true].flatMap { transposeA in
            [false, true].flatMap { transposeB in
                [false, true].map { accumulate in
                    Shape(m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB, accumulate: accumulate)
                }
            }
        }
    }
}

/// What is written behind C, where no kernel may write.
private let sentinel: Float = 12_345

/// The matrices of a product and its result.
private struct Problem {
    let shape: Shape
    let a: [Float]
    let b: [Float]
    let c: [Float]

    /// `value` makes the elements from a running number.
    init(_ shape: Shape, value: (Int) -> Float) {
        self.shape = shape
        a = (0..<shape.batch * shape.m * shape.k).map { value($0) }
        b = (0..<shape.batch * shape.k * shape.n).map { value($0 + 1_000_003) }
        c = (0..<shape.batch * shape.m * shape.n).map { value($0 + 2_000_003) }
    }

    /// Small whole numbers: every sum is exact, so any order of adding gives the same bits.
    static func whole(_ shape: Shape) -> Problem {
        Problem(shape) { Float($0 &* 2_654_435_761 >> 7 & 7) - 3 }
    }

    /// Fractions between -0.5 and 0.5.
    static func fractions(_ shape: Shape) -> Problem {
        Problem(shape) { Float($0 &* 2_654_435_761 >> 5 & 0xFFFF) / 0x10000 - 0.5 }
    }

    func product(_ pool: ThreadPool) -> [Float] {
        let result = Slice<Float>(zeros: c.count + 64)
        var span = result.mutableSpan
        for index in span.indices { span[index] = index < c.count ? c[index] : sentinel }
        var target = result[0..<c.count].mutableSpan
        batchedMatrixMultiply(
            a.span, b.span, into: &target, batch: shape.batch, m: shape.m, n: shape.n, k: shape.k,
            transposeA: shape.transposeA, transposeB: shape.transposeB, accumulate: shape.accumulate, pool: pool)
        return result.span.indices.map { result.span[$0] }
    }

    func reference() -> [Float] {
        var result = c
        var span = result.mutableSpan
        Reference.batchedMatrixMultiply(
            a.span, b.span, into: &span, batch: shape.batch, m: shape.m, n: shape.n, k: shape.k,
            transposeA: shape.transposeA, transposeB: shape.transposeB, accumulate: shape.accumulate)
        return result + [Float](repeating: sentinel, count: 64)
    }
}

struct MatrixMultiplyTests {
    private static let pool = ThreadPool(threads: 1)

    // Every number of rows up to a whole tile has a loop of its own.
    @Test(arguments: Array(0...13) + [18, 25], [0, 1, 3, 17, 40])
    func tileEdgesMatchReference(m: Int, k: Int) {
        for n in [0, 1, 4, 7, 8, 9, 15, 16, 17, 20, 24, 25, 31, 32, 33, 65, 130] {
            for shape in Shape.allForms(m: m, n: n, k: k) {
                let problem = Problem.whole(shape)
                #expect(problem.product(Self.pool) == problem.reference(), "\(shape.testDescription)")
            }
        }
    }

    // The blocks are 256 deep, 192 rows and 1024 columns; matrices up to 2^17 elements are read in place.
    @Test(arguments: [
        (191, 33, 255), (192, 32, 256), (193, 34, 257), (25, 40, 511), (26, 41, 513), (13, 1023, 7), (24, 1024, 8),
        (37, 1025, 9), (400, 401, 402), (40, 300, 1024), (600, 140, 260), (30, 600, 300),
        (1, 2000, 3), (2000, 1, 3), (1, 1, 3000), (2, 3, 1000), (6, 25, 784), (120, 400, 32), (1000, 10, 84),
        (32, 84, 120), (17, 10, 84), (31, 1, 256), (16, 700, 90),
    ])
    func blockEdgesMatchReference(m: Int, n: Int, k: Int) {
        for shape in Shape.allForms(m: m, n: n, k: k) {
            let problem = Problem.whole(shape)
            #expect(problem.product(Self.pool) == problem.reference(), "\(shape.testDescription)")
        }
    }

    @Test(arguments: [(17, 45, 33), (64, 64, 64), (100, 90, 300), (200, 50, 1000)])
    func fractionsMatchReferenceWithinRounding(m: Int, n: Int, k: Int) {
        for shape in Shape.allForms(m: m, n: n, k: k) {
            let problem = Problem.fractions(shape)
            // Either sum of k + 1 terms is off by at most k + 1 roundings of the sum of magnitudes (Higham, 3.1); the
            // terms are at most 1/4, the number added to at most 1/2.
            let terms = Float(k + 1)
            let bound = 2 * terms * (Float.ulpOfOne / 2) * (terms / 4 + 0.5)
            for (fast, plain) in zip(problem.product(Self.pool), problem.reference()) where abs(fast - plain) > bound {
                Issue.record("\(shape.testDescription): \(fast) is not \(plain)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8], [1, 3])
    func eachMatrixOfABatchHasItsOwnProduct(batch: Int, threads: Int) {
        let pool = ThreadPool(threads: threads)
        for form in Shape.allForms(m: 13, n: 35, k: 21) {
            var shape = form
            shape.batch = batch
            let problem = Problem.whole(shape)
            #expect(problem.product(pool) == problem.reference(), "\(shape.testDescription)")
        }
    }

    @Test func anEmptyBatchWritesNothing() {
        let problem = Problem.whole(Shape(batch: 0, m: 3, n: 4, k: 5))
        #expect(problem.product(Self.pool) == [Float](repeating: sentinel, count: 64))
    }

    @Test(arguments: [2, 3, 4])
    func resultHasTheSameBitsForAnyNumberOfThreads(threads: Int) {
        let pool = ThreadPool(threads: threads)
        for (batch, m, n, k) in [(1, 301, 203, 307), (1, 12, 1500, 400), (1, 1500, 20, 100), (2, 150, 170, 129)] {
            for form in Shape.allForms(m: m, n: n, k: k) {
                var shape = form
                shape.batch = batch
                let problem = Problem.fractions(shape)
                #expect(problem.product(pool) == problem.product(Self.pool), "\(shape.testDescription)")
            }
        }
    }

    @Test func resultHasTheSameBitsEveryTime() {
        let problem = Problem.fractions(Shape(m: 211, n: 190, k: 333, transposeB: true))
        let pool = ThreadPool(threads: 3)
        let first = problem.product(pool)
        for _ in 0..<20 { #expect(problem.product(pool) == first) }
    }

    @Test func notANumberIsNotLost() {
        let problem = Problem(Shape(m: 3, n: 3, k: 3)) { $0 == 4 ? .nan : 1 }
        let result = problem.product(Self.pool)
        #expect((0..<9).map { result[$0].isNaN } == [false, false, false, true, true, true, false, false, false])
    }
}
