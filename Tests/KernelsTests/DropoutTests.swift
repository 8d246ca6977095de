import Kernels
import Testing

@Suite struct DropoutTests {
    private let pool = ThreadPool(threads: 2)

    private func mask(_ columns: Int, row: Int = 0, column: Int = 0, stream: UInt32 = 3, step: UInt32 = 9)
        -> DropoutMask
    {
        DropoutMask(
            seed: 42, stream: stream, step: step, firstRow: row, firstColumn: column, totalColumns: columns)
    }

    @Test(arguments: [(0, 3), (1, 1), (2, 15), (3, 16), (1, 64), (5, 65), (7, 33), (2, 4099), (130, 300)])
    func resultMatchesTheReference(rows: Int, columns: Int) {
        let x = randomValues(rows * columns)
        for mask in [mask(columns), mask(columns + 7, row: 5, column: 3)] {
            let actual = written(x.count) {
                dropout(x.span, into: &$0, rows: rows, columns: columns, rate: 0.3, mask: mask, pool: pool)
            }
            let expected = written(x.count) {
                Reference.dropout(x.span, into: &$0, rows: rows, columns: columns, rate: 0.3, mask: mask)
            }
            #expect(largestError(actual, expected) < 3e-7)
            #expect(zip(actual, expected).allSatisfy { ($0 == 0) == ($1 == 0) })
        }
    }

    @Test(arguments: [(1, 1), (2, 1), (4, 2), (1, 3), (4, 6)]) func aMaskIsTheSameOverAnyMesh(rows: Int, columns: Int) {
        let (height, width) = (40, 102)
        let ones = [Float](repeating: 1, count: height * width)
        let whole = written(ones.count) {
            dropout(ones.span, into: &$0, rows: height, columns: width, rate: 0.1, mask: mask(width), pool: pool)
        }
        let (h, w) = (height / rows, width / columns)
        for row in 0..<rows {
            for column in 0..<columns {
                let shard = written(h * w) {
                    dropout(
                        ones.span.extracting(0..<h * w), into: &$0, rows: h, columns: w, rate: 0.1,
                        mask: mask(width, row: row * h, column: column * w), pool: pool)
                }
                for i in shard.indices {
                    let place = (row * h + i / w) * width + column * w + i % w
                    #expect(shard[i] == whole[place])
                }
            }
        }
    }

    @Test(arguments: [Float(0.05), 0.1, 0.5, 0.9]) func asManyAreDroppedAsTheRateSays(rate: Float) {
        let count = 1 << 20
        let ones = [Float](repeating: 1, count: count)
        let y = written(count) {
            dropout(ones.span, into: &$0, rows: 1, columns: count, rate: rate, mask: mask(count), pool: pool)
        }
        // The standard deviation is at most 512.
        let dropped = Double(y.count { $0 == 0 })
        #expect(abs(dropped - Double(rate) * Double(count)) < 2600)
        #expect(y.allSatisfy { $0 == 0 || abs($0 * (1 - rate) - 1) < 1e-6 })
    }

    @Test func seedStreamAndStepEachChangeTheMask() {
        let ones = [Float](repeating: 1, count: 128)
        let masks = [
            mask(128), mask(128, stream: 4), mask(128, step: 10),
            DropoutMask(seed: 43, stream: 3, step: 9, totalColumns: 128),
        ]
        let results = masks.map { mask in
            written(128) { dropout(ones.span, into: &$0, rows: 1, columns: 128, rate: 0.5, mask: mask, pool: pool) }
        }
        #expect(Set(results).count == 4)
    }

    @Test func rateZeroKeepsAllBits() {
        let x: [Float] = [.infinity, -0.0, 1, .nan]
        #expect(
            isSame(
                written(4) {
                    dropout(x.span, into: &$0, rows: 2, columns: 2, rate: 0, mask: mask(2), pool: pool)
                }, x))
    }

    @Test func whatIsDroppedIsZeroEvenIfItWasInfinite() {
        let x = [Float](repeating: .infinity, count: 256)
        let y = written(256) {
            dropout(x.span, into: &$0, rows: 1, columns: 256, rate: 0.5, mask: mask(256), pool: pool)
        }
        #expect(y.allSatisfy { $0 == 0 || $0 == .infinity } && y.contains(0))
    }

    @Test func neighboursAreIndependent() {
        let count = 1 << 18
        let ones = [Float](repeating: 1, count: count)
        let y = written(count) {
            dropout(ones.span, into: &$0, rows: 1, columns: count, rate: 0.5, mask: mask(count), pool: pool)
        }
        for distance in [1, 2, 15, 16, 31, 32, 64, 128] {
            let both = (distance..<count).count { y[$0] == 0 && y[$0 - distance] == 0 }
            // A quarter is expected, with a standard deviation of about 250.
            #expect(abs(both - (count - distance) / 4) < 1300, "at distance \(distance)")
        }
    }
}
