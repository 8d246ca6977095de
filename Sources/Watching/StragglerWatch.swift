/// Finds the ranks that are slower than the others for some time; told what each took for its own part of steps.
///
/// The time is cut into windows of a third of the rule's duration, and of eight steps at least. A rank is slow after three windows in a row in which it took, on
/// average, more than the factor times the median of all, and slow no more after three in which it did not. So a hiccup of
/// whatever length names nobody. Nor does it count what is less than a tenth of what the slowest rank takes: nobody waits for that.
package struct StragglerWatch {
    /// A rank that has become slow, or is so no more.
    package struct Change: Equatable {
        package let rank: Int
        /// How many times the median it took in the last window.
        package let factor: Double
        package let isSlow: Bool
    }

    private struct Tally {
        var sum = Duration.zero
        var count = 0
        var latest = Duration.zero
        /// Windows in a row in which it was slow, or negative, in which it was not.
        var streak = 0
        var isSlow = false

        mutating func note(isSlow: Bool) {
            streak = isSlow ? max(streak, 0) + 1 : min(streak, 0) - 1
        }
    }

    private static let windows = 3
    /// Of fewer steps the mean says more of the machine than of the rank.
    private static let steps = 8
    /// The share of the slowest rank's time by which a rank must exceed the median.
    private static let share = 0.1

    private let rule: StragglerRule
    /// How often a rank must be heard in a window: of more than sixteen ranks each speaks now and then, of several steps.
    private let words: Int
    private var tallies: [Tally]
    private var windowBegin: ContinuousClock.Instant?
    private var heard = 0

    /// The median of what the ranks said last; zero until all have. Of an even number it is the lower one, so that of two ranks one
    /// can be slow.
    package private(set) var typical = Duration.zero

    /// Watches so many ranks.
    package init(_ rule: StragglerRule, ranks: Int) {
        self.rule = rule
        words = min(max(Self.steps * 16 / max(ranks, 1), 1), Self.steps)
        tallies = Array(repeating: Tally(), count: ranks)
    }

    /// Notes what a rank took on average for its own part of the last steps.
    package mutating func hear(rank: Int, mean: Duration) {
        tallies[rank].sum += mean
        tallies[rank].count += 1
        tallies[rank].latest = mean
        heard += 1
        guard heard >= tallies.count else { return }
        heard = 0
        typical = Self.median(tallies.map(\.latest))
    }

    /// Says what has changed by now.
    package mutating func changes(at now: ContinuousClock.Instant) -> [Change] {
        guard let begin = windowBegin else {
            windowBegin = now
            return []
        }
        guard begin.duration(to: now) >= rule.duration / Self.windows, tallies.allSatisfy({ $0.count >= words }) else {
            return []
        }
        windowBegin = now
        let means = tallies.map { $0.sum / $0.count }
        let median = max(Self.median(means), .nanoseconds(1))
        let leastExcess = (means.max() ?? .zero) * Self.share
        var changes: [Change] = []
        for rank in tallies.indices {
            let factor = means[rank] / median
            tallies[rank].note(isSlow: factor > rule.factor && means[rank] - median >= leastExcess)
            (tallies[rank].sum, tallies[rank].count) = (.zero, 0)
            guard abs(tallies[rank].streak) >= Self.windows, tallies[rank].isSlow != (tallies[rank].streak > 0) else {
                continue
            }
            tallies[rank].isSlow.toggle()
            changes.append(Change(rank: rank, factor: factor, isSlow: tallies[rank].isSlow))
        }
        return changes
    }

    private static func median(_ values: [Duration]) -> Duration {
        values.sorted()[(values.count - 1) / 2]
    }
}
