/// The transforms of Winograd's minimal filtering F(4 × 4, 3 × 3) (Lavin and Gray, 2016): 16 outputs of a 3 × 3 window from 36
/// products instead of 144.
///
/// The polynomials are evaluated at 0, ±¾, ±1½ and infinity, not at the usual 0, ±1, ±2 and infinity: the error is less than
/// half of theirs, and less than twice that of sums in the order of the window.
enum WinogradTransforms {
    @inline(__always) private static var a: Float { 0.75 }
    @inline(__always) private static var b: Float { 1.5 }
    @inline(__always) private static var a2: Float { 0.5625 }
    @inline(__always) private static var b2: Float { 2.25 }

    // What the kernel's transform is divided by at 0, ±a and ±b: a²b², 2a²(a² − b²), 2b²(b² − a²).
    @inline(__always) private static var atZero: Float { 1 / 1.265_625 }
    @inline(__always) private static var atA: Float { 1 / -1.898_437_5 }
    @inline(__always) private static var atB: Float { 1 / 7.593_75 }

    /// Six inputs in a row.
    @inline(__always)
    static func input(_ d: InlineArray<6, Lanes>) -> InlineArray<6, Lanes> {
        let evenA = d[4].plus(-b2, times: d[2])
        let oddA = d[3].plus(-b2, times: d[1]) * a
        let evenB = d[4].plus(-a2, times: d[2])
        let oddB = d[3].plus(-a2, times: d[1]) * b
        return [
            d[4].plus(-2.8125, times: d[2]).plus(1.265_625, times: d[0]),
            evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB,
            d[5].plus(-2.8125, times: d[3]).plus(1.265_625, times: d[1]),
        ]
    }

    /// Six products to four outputs.
    @inline(__always)
    static func output(_ m: InlineArray<6, Lanes>) -> InlineArray<4, Lanes> {
        let (sumA, sumB) = (m[1] + m[2], m[3] + m[4])
        let (differenceA, differenceB) = (m[1] - m[2], m[3] - m[4])
        return [
            m[0] + (sumA + sumB),
            (differenceA * a).plus(b, times: differenceB),
            (sumA * a2).plus(b2, times: sumB),
            m[5].plus(a * a2, times: differenceA).plus(b * b2, times: differenceB),
        ]
    }

    /// Three weights in a row.
    @inline(__always)
    static func kernel(_ g: InlineArray<3, Lanes>) -> InlineArray<6, Lanes> {
        let evenA = g[0].plus(a2, times: g[2]) * atA
        let evenB = g[0].plus(b2, times: g[2]) * atB
        let (oddA, oddB) = (g[1] * (a * atA), g[1] * (b * atB))
        return [
            g[0] * atZero, evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, g[2],
        ]
    }

    /// The gradients of four outputs to those of six products: ``output(_:)`` transposed.
    @inline(__always)
    static func outputGradient(_ y: InlineArray<4, Lanes>) -> InlineArray<6, Lanes> {
        let evenA = y[0].plus(a2, times: y[2])
        let oddA = (y[1] * a).plus(a * a2, times: y[3])
        let evenB = y[0].plus(b2, times: y[2])
        let oddB = (y[1] * b).plus(b * b2, times: y[3])
        return [y[0], evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, y[3]]
    }

    /// The gradients of a transformed kernel to those of three weights: ``kernel(_:)`` transposed.
    @inline(__always)
    static func kernelGradient(_ u: InlineArray<6, Lanes>) -> InlineArray<3, Lanes> {
        let (sumA, sumB) = ((u[1] + u[2]) * atA, (u[3] + u[4]) * atB)
        let (differenceA, differenceB) = (u[1] - u[2], u[3] - u[4])
        return [
            (u[0] * atZero) + (sumA + sumB),
            (differenceA * (a * atA)).plus(b * atB, times: differenceB),
            u[5].plus(a2, times: sumA).plus(b2, times: sumB),
        ]
    }

    /// Transforms a square of vectors down its columns, then along its rows.
    @inline(__always)
    static func square<let from: Int, let to: Int>(
        _ transform: (InlineArray<from, Lanes>) -> InlineArray<to, Lanes>, load: (_ row: Int, _ column: Int) -> Lanes,
        store: (_ row: Int, _ column: Int, _ lanes: Lanes) -> Void
    ) {
        var columns = InlineArray<36, Lanes>(repeating: .zero)
        var line = InlineArray<from, Lanes>(repeating: .zero)
        for column in 0..<from {
            for row in 0..<from { unsafe line[unchecked: row] = load(row, column) }
            let result = transform(line)
            for row in 0..<to { unsafe columns[unchecked: row &* 6 &+ column] = result[unchecked: row] }
        }
        for row in 0..<to {
            for column in 0..<from { unsafe line[unchecked: column] = columns[unchecked: row &* 6 &+ column] }
            let result = transform(line)
            for column in 0..<to { unsafe store(row, column, result[unchecked: column]) }
        }
    }
}
