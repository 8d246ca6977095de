package import Collectives
package import Files

/// Where the time of a training goes on this rank.
package final class StepClock {
    /// What was counted so far, in this launch.
    package struct Totals {
        /// In steps, without what they were interrupted for.
        package var steps = Duration.zero
        /// In saves, as far as the run stood still for them.
        package var saves = Duration.zero
        /// In validations, and in evaluations that callbacks make.
        package var evaluations = Duration.zero
    }

    /// The time of a step that has ended, as the ranks know it together.
    package struct Step {
        /// From its beginning to the agreement after it, without saves and evaluations.
        package let duration: Duration
        /// The most that any rank took for its own part, without waiting for others; zero if nobody counts the waiting.
        package let slowest: Duration
    }

    /// A moment.
    private struct Mark {
        var now: ContinuousClock.Instant
        /// What the rank was in collectives so far, but for those of interruptions.
        var waits: Duration
        var interruptions: Duration
    }

    package private(set) var totals = Totals()
    private let surroundings: any Surroundings
    private let collectives: CollectiveTime?
    private var begin: Mark?
    private var untold = (sum: Duration.zero, count: 0)
    private var interruptions = (all: Duration.zero, inCollectives: Duration.zero)
    private var isInterrupted = false

    /// Makes a clock; what `collectives` counts is no time of the rank's own.
    package init(in surroundings: any Surroundings, collectives: CollectiveTime?) {
        self.surroundings = surroundings
        self.collectives = collectives
    }

    private var mark: Mark {
        Mark(
            now: surroundings.now, waits: (collectives?.total ?? .zero) - interruptions.inCollectives,
            interruptions: interruptions.all)
    }

    /// Notes that a step begins.
    package func beginStep() { begin = mark }

    /// How long this rank took for its own part of the step under way; where it is its turn to speak of more, also the mean over
    /// the steps since the last one. Nil if nobody counts the waiting.
    func ownTime(isTurn: Bool) -> (last: Duration, mean: Duration?)? {
        guard let begin, collectives != nil else { return nil }
        let end = mark
        let own =
            begin.now.duration(to: end.now) - (end.waits - begin.waits) - (end.interruptions - begin.interruptions)
        untold = (untold.sum + own, untold.count + 1)
        guard isTurn else { return (own, nil) }
        defer { untold = (.zero, 0) }
        return (own, untold.sum / untold.count)
    }

    /// Notes that the ranks have agreed after the step, for which the slowest took so long; nil if none was begun.
    package func endStep(slowest: Duration) -> Step? {
        guard let begin else { return nil }
        self.begin = nil
        let duration = begin.now.duration(to: surroundings.now) - (interruptions.all - begin.interruptions)
        totals.steps += duration
        return Step(duration: duration, slowest: slowest)
    }

    /// Counts what `body` takes as a save or an evaluation, and as no time of a step. What happens inside of another one is
    /// counted there.
    package func counting<Result>(
        as part: WritableKeyPath<Totals, Duration>, _ body: () throws -> Result
    ) rethrows -> Result {
        guard !isInterrupted else { return try body() }
        isInterrupted = true
        let (start, before) = (surroundings.now, collectives?.total ?? .zero)
        defer {
            let duration = start.duration(to: surroundings.now)
            totals[keyPath: part] += duration
            interruptions.all += duration
            interruptions.inCollectives += (collectives?.total ?? .zero) - before
            isInterrupted = false
        }
        return try body()
    }
}
