import Synchronization

/// How far a run is and how fast it goes, for whatever decides by that when to stop.
package final class RunPace: Sendable {
    /// The figures of a moment.
    package struct Figures {
        /// The steps made in all.
        package var step = 0

        /// How long the slowest step of this run took.
        package var slowestStep = Duration.zero

        /// How long the slowest save of this run took; nil before the first.
        package var slowestSave: Duration?

        /// The sets that this run has published.
        package var publishedSets = 0
    }

    private let state = Mutex(Figures())

    /// Begins with nothing.
    package init() {}

    /// The figures of now.
    package var figures: Figures { state.withLock { $0 } }

    /// Notes how many steps are made.
    package func note(position step: Int) {
        state.withLock { $0.step = step }
    }

    /// Notes how long a step took.
    package func note(step duration: Duration) {
        state.withLock { $0.slowestStep = max($0.slowestStep, duration) }
    }

    /// Notes a set as published, after a save of this length.
    package func note(save duration: Duration) {
        state.withLock { figures in
            figures.publishedSets += 1
            figures.slowestSave = max(figures.slowestSave ?? .zero, duration)
        }
    }
}
