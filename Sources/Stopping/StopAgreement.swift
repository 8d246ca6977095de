package import Collectives
import Memory

/// Joins what every rank has to say about going on, so that all ranks decide alike.
///
/// Each rank puts its mark, a failure or a reason to stop and its number, into one word; the maximum over the ranks is
/// the decision. One all-reduce of sixteen bytes: its place in the loop is the only place where ranks decide. Beside the
/// mark travels a value of the caller's, for what callbacks agree on.
package final class StopAgreement {
    /// What all ranks do next.
    package enum Decision: Equatable {
        case goOn
        case stop(StopReason, rank: Int)
        /// The rank failed; all throw what it says.
        case fail(rank: Int)
        /// The rank no longer computes with finite numbers; all throw what it found.
        case notFinite(rank: Int)
    }

    private let world: any Communicator
    private let words = Slice<Int64>(zeros: 2)

    package init(world: any Communicator) {
        self.world = world
    }

    /// Waits for the marks of all ranks and returns the decision, and the highest of the values that they bring.
    package func join(
        _ reason: StopReason?, failed: Bool, isFinite: Bool = true, value: Int64 = 0
    ) throws(CollectiveError) -> (decision: Decision, highest: Int64) {
        let words = words
        var own = words.mutableSpan
        own[0] = Mark.word(reason: reason, failed: failed, isFinite: isFinite, rank: world.rank)
        own[1] = value
        try world.allReduce(&own, with: .maximum)
        return (Mark.decision(of: words.span[0]), words.span[1])
    }
}

/// A mark as a word: the weight of what it says above 32 bits, below them the rank, negated so that the lowest wins.
private enum Mark {
    private static let failure: Int64 = 255
    private static let notFinite: Int64 = 254

    static func word(reason: StopReason?, failed: Bool, isFinite: Bool, rank: Int) -> Int64 {
        let weight = failed ? failure : isFinite ? Int64(reason?.rawValue ?? 0) : notFinite
        return weight << 32 | (0xFFFF_FFFF - Int64(rank))
    }

    static func decision(of word: Int64) -> StopAgreement.Decision {
        let rank = Int(0xFFFF_FFFF - word & 0xFFFF_FFFF)
        guard word >> 32 != failure else { return .fail(rank: rank) }
        guard word >> 32 != notFinite else { return .notFinite(rank: rank) }
        guard let reason = StopReason(rawValue: UInt8(word >> 32)) else { return .goOn }
        return .stop(reason, rank: rank)
    }
}
