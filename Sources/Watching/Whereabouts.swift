package import Execution
import Graphs
import Synchronization

/// Where a rank is in its run, for the watchdog's thread to look at.
///
/// The loop notes some things a step, each a lock that nobody else wants: tens of nanoseconds.
package final class Whereabouts: Sendable {
    /// What a rank does.
    package enum Activity: Sendable {
        /// It is between two things.
        case loop
        /// It runs one of these, one after the other.
        case programs([ProgramProgress])
        /// It is in a hook of a callback.
        case hook(String, of: Any.Type)
    }

    /// Where a rank is.
    package struct Place: Sendable {
        var step = 0
        var isEvaluation = false
        var activity = Activity.loop
        /// What all ranks have done together so far; it stands still in a hang.
        var beats = 0
    }

    private let state = Mutex(Place())

    /// Begins between two steps.
    package init() {}

    /// Where the rank is now.
    package var place: Place { state.withLock { $0 } }

    /// Notes a step as begun.
    package func beginStep(_ step: Int, isEvaluation: Bool) {
        state.withLock { place in
            place.step = step
            place.isEvaluation = isEvaluation
        }
    }

    /// Notes what the rank does from now on.
    package func turn(to activity: Activity) {
        state.withLock { $0.activity = activity }
    }

    /// Notes that all ranks have agreed to go on.
    package func beat() {
        state.withLock { $0.beats += 1 }
    }
}
