import Collectives
import Files

/// What the ranks of a hang say, as one block to read.
struct HangBlock: CustomStringConvertible {
    let description: String

    /// Makes the block. `peers` are all ranks, and `silence` says why one of them says nothing.
    init(_ reports: [HangReport], peers: [HangPeer], timeout: Duration, silence: (HangPeer) -> String) {
        let reports = reports.sorted { $0.rank < $1.rank }
        let heard = Set(reports.map(\.rank))
        let silent = peers.indices.filter { !heard.contains($0) }
        let behind = Self.behind(reports)
        var lines = ["no progress for \(timeout.formattedSeconds), so the run ends. Where its ranks are:"]
        lines += silent.map { "rank \($0) is behind and says nothing: \(silence(peers[$0]))" }
        lines += reports.filter { behind.contains($0.rank) }.map { report in
            "rank \(report.rank) is behind: \(report.place)\(report.waiting) (\(peers[report.rank]))"
        }
        lines += Self.grouped(reports.filter { !behind.contains($0.rank) }, all: reports, silent: silent)
        description = lines.map(\.visible).joined(separator: "\n  ")
    }

    /// The ranks that others wait for: those that wait for nobody, else those that have begun the fewest collectives.
    /// None, if that is all of them.
    private static func behind(_ reports: [HangReport]) -> Set<Int> {
        let busy = reports.filter { $0.call == nil }
        guard busy.isEmpty else { return busy.count == reports.count && busy.count > 1 ? [] : Set(busy.map(\.rank)) }
        let fewest = reports.map(\.collectives).min()
        let slowest = reports.filter { $0.collectives == fewest }
        return slowest.count == reports.count ? [] : Set(slowest.map(\.rank))
    }

    /// A line for all ranks that are at the same place and wait in the same call.
    private static func grouped(_ waiting: [HangReport], all: [HangReport], silent: [Int]) -> [String] {
        var groups: [(report: HangReport, ranks: [Int])] = []
        for report in waiting {
            if let index = groups.firstIndex(where: { $0.report.isBeside(report) }) {
                groups[index].ranks.append(report.rank)
            } else {
                groups.append((report, [report.rank]))
            }
        }
        return groups.map { report, ranks in
            let verb = ranks.count == 1 ? "is" : "are"
            guard let call = report.call else { return "\(rankText(ranks)) \(verb) \(report.place)" }
            // Those who are in the same call are not waited for.
            let there = Set(all.filter { $0.call == call && $0.collectives == report.collectives }.map(\.rank))
            let missing = call.members.filter { !there.contains($0) }
            let whom = missing.isEmpty ? "" : " for \(rankText(missing))"
            return
                "\(rankText(ranks)) \(ranks.count == 1 ? "waits" : "wait") in \(call.name) over \(call.group)\(whom): "
                + report.place
        }
    }
}

extension HangReport {
    /// As in "rank 4 is at step 9, …".
    fileprivate var place: String { "\(isEvaluation ? "evaluation step" : "step") \(step), \(activity)" }

    fileprivate var waiting: String { call.map { ", waiting in \($0.name) over \($0.group)" } ?? "" }

    fileprivate func isBeside(_ other: HangReport) -> Bool {
        (place, call, collectives) == (other.place, other.call, other.collectives)
    }
}

/// Ranks in words: "rank 4", "ranks 0-3, 5".
private func rankText(_ ranks: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for rank in ranks.sorted() {
        if let last = ranges.last, last.upperBound == rank - 1 {
            ranges[ranges.count - 1] = last.lowerBound...rank
        } else {
            ranges.append(rank...rank)
        }
    }
    let texts = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    return (ranks.count == 1 ? "rank " : "ranks ") + texts.joined(separator: ", ")
}

extension Duration {
    /// As in "2.5 seconds".
    fileprivate var formattedSeconds: String {
        let tenths = OutsideNumber(nearestTo: (self / .milliseconds(100)).rounded()).value
        return tenths % 10 == 0 ? "\(tenths / 10) seconds" : "\(tenths / 10).\(tenths % 10) seconds"
    }
}
