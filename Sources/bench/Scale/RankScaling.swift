import Lockstep
import Terminal

/// What a step costs each of several ranks that all have the same work (weak scaling).
struct RankScaling {
    /// What was measured on some number of ranks; seconds are of processor time of one rank, for one step.
    struct Row {
        let ranks: Int
        /// Computing, with no other rank to wait for.
        let computing: Double
        /// All of it; a rank that waits for others keeps its core busy.
        let whole: Double
        /// The gradients' reduction by itself, on the clock.
        let reduction: Double
        /// The bytes of a rank's gradients.
        let byteCount: Int
        let peakByteCount: Int
    }

    let rows: [Row]

    /// Floating-point operations of a rank's step.
    let operations: Double

    init(upTo most: Int, rounds: Int, turnSeconds: Double) throws {
        guard case .gpt(let sizes, let samples) = Workload.standardGPT else {
            fatalError("the GPT is no GPT")
        }
        operations = GPTWork(sizes: sizes, samples: samples).operations
        rows = try [1, 2, 4, 8, 16, 32].filter { $0 <= most }.map { ranks in
            let ours = try Stepper.ours(.gpt(sizes, samples: samples * ranks), ranks: ranks)
            let contest = try StepContest(
                of: [ours, ours.stepping(.apart), ours.stepping(.reductionAlone)], rounds: rounds,
                turnSeconds: turnSeconds)
            return Row(
                ranks: ranks, computing: contest.processorSeconds(1), whole: contest.processorSeconds(0),
                reduction: contest.seconds(2), byteCount: contest.messageByteCount(0),
                peakByteCount: contest.peakByteCount(0))
        }
    }

    var table: Table {
        var table = Table(
            "ranks (batch 8 each)", "CPU ms a rank: computing", "with waiting", "MB reduced a rank",
            "MB a rank sends", "reduction alone ms", "peak MiB a rank")
        for row in rows {
            table.add(
                "\(row.ranks)", (1e3 * row.computing).rounded(digits: 1),
                (1e3 * row.whole).rounded(digits: 1),
                (Double(row.byteCount) / 1e6).rounded(digits: 2),
                (ScaleModel.bytesSent(of: Double(row.byteCount), ranks: row.ranks) / 1e6).rounded(
                    digits: 2),
                (1e3 * row.reduction).rounded(digits: 1),
                (Double(row.peakByteCount) / 1_048_576).rounded(digits: 0))
        }
        return table
    }

    /// A model with the figures of this machine: what one rank computes, and what two exchange.
    var model: ScaleModel {
        let pair = rows[1]
        let gradients = Double(pair.byteCount)
        return ScaleModel(
            computing: rows[0].computing, gradientByteCount: gradients,
            // The latency of shared memory is lost in a message of this size.
            memory: ScaleModel.Network(
                bytesPerSecond: ScaleModel.bytesSent(of: gradients, ranks: 2) / pair.reduction, latency: 0))
    }
}
