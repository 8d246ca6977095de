import Foundation
import Terminal

/// What a step takes on many ranks, each with a core of its own, by compute, bandwidth and latency.
///
/// An all-reduce of B bytes over n ranks takes 2 · log₂ n messages one after the other, and each rank sends 2 · (n − 1) / n
/// · B bytes (Rabenseifner, 2004; Thakur et al., 2005). Gradients travel while the backward pass, two thirds of a step, goes
/// on; the last message, of 1 MiB, cannot. Then the ranks agree on going on: log₂ n messages of 16 bytes. All wait for the
/// slowest: the latest of n that vary by a deviation of σ around one mean comes about σ · √(2 · ln n) after it.
struct ScaleModel {
    /// What connects ranks.
    struct Network {
        let bytesPerSecond: Double
        /// Seconds until the smallest message has arrived.
        let latency: Double
        /// By what share of its time a rank's step varies from one to the next (the deviation).
        var jitter = 0.0
    }

    /// Seconds that a rank computes.
    let computing: Double

    let gradientByteCount: Double

    /// What connects ranks on the machine that this was measured on.
    let memory: Network

    private static let lastMessage = 1_048_576.0
    private static let agreement = 16.0

    /// What each of n ranks sends in an all-reduce.
    static func bytesSent(of byteCount: Double, ranks: Int) -> Double {
        2 * byteCount * Double(ranks - 1) / Double(ranks)
    }

    /// Seconds of an all-reduce by itself.
    func reduction(of byteCount: Double, ranks: Int, over network: Network) -> Double {
        2 * log2(Double(ranks)) * network.latency
            + Self.bytesSent(of: byteCount, ranks: ranks) / network.bytesPerSecond
    }

    /// Seconds that a step waits for others: for what of the gradients the backward pass does not hide, and for the
    /// agreement.
    func waiting(ranks: Int, over network: Network) -> Double {
        guard ranks > 1 else { return 0 }
        let last = reduction(of: min(Self.lastMessage, gradientByteCount), ranks: ranks, over: network)
        let all = reduction(of: gradientByteCount, ranks: ranks, over: network)
        let agreement = log2(Double(ranks)) * network.latency + Self.agreement / network.bytesPerSecond
        return max(last, all - computing * 2 / 3) + agreement
    }

    /// Seconds that a step waits for the slowest of n ranks.
    func slowness(ranks: Int, over network: Network) -> Double {
        computing * network.jitter * (2 * log(Double(ranks))).squareRoot()
    }

    /// Predicted steps for up to 1,000 ranks, one to a host.
    func prediction(over network: Network) -> Table {
        var table = Table(
            "ranks (model)", "computing ms", "reduction alone ms", "exposed ms", "slowest rank ms",
            "step ms", "efficiency %",
            "tokens/s of all")
        for ranks in [1, 2, 4, 8, 16, 64, 256, 1000] {
            let waiting = waiting(ranks: ranks, over: network)
            let slowness = slowness(ranks: ranks, over: network)
            let step = computing + waiting + slowness
            let reduction = ranks > 1 ? reduction(of: gradientByteCount, ranks: ranks, over: network) : 0
            table.add(
                "\(ranks)", (1e3 * computing).rounded(digits: 1), (1e3 * reduction).rounded(digits: 2),
                (1e3 * waiting).rounded(digits: 2), (1e3 * slowness).rounded(digits: 2),
                (1e3 * step).rounded(digits: 1),
                (100 * computing / step).rounded(digits: 1),
                (Double(ranks * 1024) / step).rounded(digits: 0))
        }
        return table
    }

    /// The reductions that were measured here beside those of the model, which knows two ranks alone.
    func comparison(with measured: RankScaling) -> Table {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        var table = Table(
            "ranks on this machine", "reduction alone ms, measured", "model", "measured ÷ model")
        for row in measured.rows where row.ranks > 1 {
            // All ranks copy through the same memory by the same cores.
            let sharing = Double(max(row.ranks, 2)) / Double(min(cores, 2))
            let model = reduction(of: Double(row.byteCount), ranks: row.ranks, over: memory) * sharing
            table.add(
                "\(row.ranks)", (1e3 * row.reduction).rounded(digits: 1), (1e3 * model).rounded(digits: 1),
                (row.reduction / model).rounded(digits: 2))
        }
        return table
    }
}
