package import Collectives
import Memory

/// Joins what every rank has to say about going on, so that all ranks decide alike.
///
/// Each rank puts its mark, a failure or a reason to stop and its number, into one word; the maximum over the ranks is
/// the decision. One all-reduce: its place in the loop is the only place where ranks decide. Beside the mark travel a value of
/// the caller's, for what callbacks agree on, and how long the ranks took for their own parts of a step: the longest, and of
/// sixteen ranks in turn what each took on average. So the message has 152 bytes at most, whatever the number of ranks.
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
    private let words: Slice<Int64>
    /// How many ranks say in one message what they took.
    private let speakers: Int
    private static let mostSpeakers = 16
    private static let header = 3

    package init(world: any Communicator) {
        self.world = world
        speakers = min(world.size, Self.mostSpeakers)
        words = Slice(zeros: Self.header + speakers)
    }

    /// Waits for the marks of all ranks and returns the decision, and the highest of the values that they bring.
    ///
    /// After step `step`, what `clock` says of this rank travels too.
    package func join(
        _ reason: StopReason?, failed: Bool, isFinite: Bool = true, value: Int64 = 0, step: Int = 0,
        clock: StepClock? = nil
    ) throws(CollectiveError) -> (decision: Decision, highest: Int64) {
        let words = words
        let time = ownTime(of: clock, afterStep: step)
        var own = words.mutableSpan
        own[0] = Mark.word(reason: reason, failed: failed, isFinite: isFinite, rank: world.rank)
        own[1] = value
        own[2] = time.map { TimeWord.microseconds($0.last) } ?? 0
        for index in Self.header..<own.count { own[index] = 0 }
        if let mean = time?.mean { own[Self.header + world.rank % speakers] = TimeWord.word(mean, of: world.rank) }
        try world.allReduce(&own, with: .maximum)
        return (Mark.decision(of: words.span[0]), words.span[1])
    }

    private func ownTime(of clock: StepClock?, afterStep step: Int) -> (last: Duration, mean: Duration?)? {
        let turns = (world.size + speakers - 1) / speakers
        return clock?.ownTime(isTurn: step % turns == world.rank / speakers)
    }

    /// The longest that any rank took for its own part of the last step; zero if none said it.
    package var slowest: Duration { .microseconds(word(2)) }

    /// What the ranks whose turn it was took on average for their own parts, since they said so last.
    package func forEachMean(_ body: (_ rank: Int, _ mean: Duration) -> Void) {
        for index in Self.header..<Self.header + speakers where word(index) > 0 {
            let (rank, mean) = TimeWord.value(of: word(index))
            if rank < world.size { body(rank, mean) }
        }
    }

    private func word(_ index: Int) -> Int64 {
        let words = words
        return words.span[index]
    }
}

/// A time and whose it is as a word, above 0.
private enum TimeWord {
    private static let rankBits: Int64 = 20

    /// At least 1, and what has room above the rank.
    static func microseconds(_ time: Duration) -> Int64 {
        Int64(min(max(time / .microseconds(1), 1), Double(Int64(1) << 42)))
    }

    static func word(_ time: Duration, of rank: Int) -> Int64 { microseconds(time) << rankBits | Int64(rank) }

    static func value(of word: Int64) -> (rank: Int, time: Duration) {
        (Int(word & (1 << rankBits - 1)), .microseconds(word >> rankBits))
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
