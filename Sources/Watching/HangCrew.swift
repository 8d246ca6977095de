package import Collectives
package import Files
import FoundationEssentials

/// All ranks of a run, as one of them knows them.
package struct HangCrew: Sendable {
    /// What tells the run from others in the same directory.
    package let run: String
    package let rank: Int

    /// How many ranks there are.
    let count: Int

    /// A line for each rank. Who they are matters only once something hangs, so the lines are parsed only then: until then the
    /// work of a rank does not grow with their number.
    private let lines: String

    /// Introduces all ranks to each other.
    package init(of world: any Communicator, in surroundings: any Surroundings) throws(CollectiveError) {
        let own = HangPeer(in: surroundings)
        let seconds = Int(surroundings.date.timeIntervalSince1970)
        let all = try world.gather(Array("\(own.process) \(seconds) \(own.host)".utf8), to: 0)
        lines = try world.broadcast(all.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"), from: 0)
        run = String(lines.prefix { $0 != "\n" })
        (rank, count) = (world.rank, world.size)
    }

    /// Describes a crew.
    package init(run: String, rank: Int, peers: [HangPeer]) {
        self.run = run
        self.rank = rank
        count = peers.count
        lines = peers.map { "\($0.process) 0 \($0.host)" }.joined(separator: "\n")
    }

    /// The processes of all ranks.
    package var peers: [HangPeer] {
        lines.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let parts = line.split(separator: " ", maxSplits: 2)
            return HangPeer(host: parts.count > 2 ? String(parts[2]) : "", process: Int32(parts[0]) ?? 0)
        }
    }

    /// The processes on this rank's machine, its own among them, by their ranks.
    package var neighbours: [Int: HangPeer] {
        let peers = peers
        let near = peers.enumerated().filter { $1.host == peers[rank].host }
        return Dictionary(near.map { ($0.offset, $0.element) }) { first, _ in first }
    }
}
