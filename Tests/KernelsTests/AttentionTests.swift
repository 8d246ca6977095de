import Kernels
import Testing

/// An attention's results and gradients, by the kernel with some threads or by the reference.
private struct Case {
    let geometry: AttentionGeometry
    var dropout: AttentionDropout?

    func forward(_ qkv: [Float], threads: Int? = nil) -> (output: [Float], logarithms: [Float]) {
        var logarithms = [Float](repeating: .nan, count: geometry.rowCount)
        var span = logarithms.mutableSpan
        let output = written(geometry.outputCount) { output in
            if let threads {
                causalAttention(
                    qkv.span, into: &output, logSumExp: &span, geometry: geometry, dropout: dropout,
                    pool: ThreadPool(threads: threads))
            } else {
                Reference.causalAttention(
                    qkv.span, into: &output, logSumExp: &span, geometry: geometry, dropout: dropout)
            }
        }
        return (output, logarithms)
    }

    func gradient(_ g: [Float], _ qkv: [Float], threads: Int? = nil) -> [Float] {
        guard let threads else {
            return written(qkv.count) {
                Reference.causalAttentionGradient(
                    g.span, qkv: qkv.span, into: &$0, geometry: geometry, dropout: dropout)
            }
        }
        let (output, logarithms) = forward(qkv, threads: threads)
        return written(qkv.count) {
            causalAttentionGradient(
                g.span, qkv: qkv.span, output: output.span, logSumExp: logarithms.span, into: &$0, geometry: geometry,
                dropout: dropout, pool: ThreadPool(threads: threads))
        }
    }
}

@Suite struct AttentionTests {
    // Lengths around a tile of 12, the lanes, the two widths of a tile and a block of 96; sizes around a tile's width.
    static let geometries = [
        (0, 2, 5, 8), (1, 1, 1, 1), (2, 3, 2, 5), (1, 2, 11, 16), (2, 1, 12, 17), (1, 3, 13, 33), (1, 1, 16, 64),
        (2, 2, 33, 7), (1, 1, 65, 40), (1, 2, 96, 16), (1, 1, 97, 32), (1, 1, 131, 48), (1, 1, 230, 8),
    ].map { AttentionGeometry(batch: $0, heads: $1, length: $2, size: $3) }

    private func dropout(rate: Float = 0.2, firstSequence: Int = 0, firstHead: Int = 0, heads: Int) -> AttentionDropout
    {
        AttentionDropout(
            rate: rate, seed: 1, stream: 2, step: 3, firstSequence: firstSequence, firstHead: firstHead,
            totalHeads: heads)
    }

    @Test(arguments: geometries, [false, true]) func resultsMatchTheReference(
        geometry: AttentionGeometry, drops: Bool
    ) {
        let attention = Case(geometry: geometry, dropout: drops ? dropout(heads: geometry.heads) : nil)
        let qkv = randomValues(geometry.projectionCount)
        let (actual, expected) = (attention.forward(qkv, threads: 2), attention.forward(qkv))
        #expect(largestError(actual.output, expected.output) < 3e-6)
        #expect(largestError(actual.logarithms, expected.logarithms) < 3e-6)
    }

    @Test(arguments: geometries, [false, true]) func gradientsMatchTheReference(
        geometry: AttentionGeometry, drops: Bool
    ) {
        let attention = Case(geometry: geometry, dropout: drops ? dropout(heads: geometry.heads) : nil)
        let qkv = randomValues(geometry.projectionCount)
        let g = randomValues(geometry.outputCount, seed: 2)
        #expect(largestError(attention.gradient(g, qkv, threads: 2), attention.gradient(g, qkv)) < 1e-5)
    }

    @Test(arguments: [false, true]) func gradientsAreThoseOfTheReferenceNumerically(drops: Bool) {
        let geometry = AttentionGeometry(batch: 1, heads: 2, length: 15, size: 5)
        let attention = Case(geometry: geometry, dropout: drops ? dropout(heads: 2) : nil)
        let qkv = randomValues(geometry.projectionCount)
        let g = randomValues(geometry.outputCount, seed: 2)
        let error = largestGradientError(attention.gradient(g, qkv, threads: 1), of: qkv, step: 4e-3) {
            scalarProduct(attention.forward($0).output, g)
        }
        #expect(error < 1e-3)
    }

    @Test func noTokenSeesWhatFollows() {
        let geometry = AttentionGeometry(batch: 1, heads: 1, length: 50, size: 16)
        let attention = Case(geometry: geometry)
        let qkv = randomValues(geometry.projectionCount)
        var changed = qkv
        for i in 30 * 48..<50 * 48 { changed[i] = 100 }
        let (before, after) = (attention.forward(qkv, threads: 1).output, attention.forward(changed, threads: 1).output)
        #expect(before[..<(30 * 16)] == after[..<(30 * 16)] && before != after)
    }

    @Test func hugeScoresDoNotOverflow() {
        let geometry = AttentionGeometry(batch: 1, heads: 1, length: 20, size: 16)
        let qkv = randomValues(geometry.projectionCount, in: -1e4..<1e4)
        let attention = Case(geometry: geometry)
        let g = randomValues(geometry.outputCount, seed: 2)
        #expect(attention.forward(qkv, threads: 1).output.allSatisfy { $0.isFinite })
        #expect(attention.gradient(g, qkv, threads: 1).allSatisfy { $0.isFinite })
    }

    @Test(arguments: [0, 1, 2]) func aNaNInAnyOfTheProjectionsIsSeen(third: Int) {
        let geometry = AttentionGeometry(batch: 1, heads: 1, length: 20, size: 16)
        var qkv = randomValues(geometry.projectionCount)
        qkv[14 * 48 + third * 16 + 3] = .nan
        let output = Case(geometry: geometry).forward(qkv, threads: 1).output
        #expect(output[..<(12 * 16)].allSatisfy { $0.isFinite })
        #expect(output[(14 * 16)..<(15 * 16)].contains { $0.isNaN })
    }

    @Test(arguments: [2, 3]) func bitsDoNotDependOnTheThreads(threads: Int) {
        let geometry = AttentionGeometry(batch: 2, heads: 3, length: 100, size: 24)
        let attention = Case(geometry: geometry, dropout: dropout(heads: 3))
        let qkv = randomValues(geometry.projectionCount)
        let g = randomValues(geometry.outputCount, seed: 2)
        #expect(isSame(attention.forward(qkv, threads: threads).output, attention.forward(qkv, threads: 1).output))
        #expect(isSame(attention.gradient(g, qkv, threads: threads), attention.gradient(g, qkv, threads: 1)))
    }

    @Test func headsSplitOverRanksDropTheSameProbabilities() {
        let (length, size) = (40, 8)
        let whole = AttentionGeometry(batch: 2, heads: 4, length: length, size: size)
        let part = AttentionGeometry(batch: 1, heads: 2, length: length, size: size)
        let qkv = randomValues(whole.projectionCount)
        let expected = Case(geometry: whole, dropout: dropout(heads: 4)).forward(qkv, threads: 1).output
        for (sequence, head) in [(0, 0), (0, 2), (1, 0), (1, 2)] {
            // This rank's heads of its sequence.
            let rows = sequence * length..<(sequence + 1) * length
            let columns = head * size..<(head + 2) * size
            let shard = rows.flatMap { row in
                qkv[(row * whole.width + columns.lowerBound) * 3..<(row * whole.width + columns.upperBound) * 3]
            }
            let dropout = dropout(firstSequence: sequence, firstHead: head, heads: 4)
            let actual = Case(geometry: part, dropout: dropout).forward(shard, threads: 1).output
            let ofWhole = rows.flatMap { row in columns.map { expected[row * whole.width + $0] } }
            #expect(isSame(actual, ofWhole))
        }
    }

    @Test func rateZeroDropsNothing() {
        let geometry = AttentionGeometry(batch: 1, heads: 2, length: 30, size: 8)
        let qkv = randomValues(geometry.projectionCount)
        let none = Case(geometry: geometry, dropout: dropout(rate: 0, heads: 2)).forward(qkv, threads: 1)
        #expect(isSame(none.output, Case(geometry: geometry).forward(qkv, threads: 1).output))
    }
}
