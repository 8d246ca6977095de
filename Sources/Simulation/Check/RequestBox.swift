import Files
import Stopping
import SurroundingsTestKit

/// What a simulated rank is asked for from outside: its signals, and what its launcher does.
final class RequestBox: StopSource, @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    private var reason: StopReason?
    private(set) var details = StopDetails()

    func ask(_ reason: StopReason, _ explanation: String, in surroundings: any Surroundings) {
        guard self.reason == nil else { return }
        self.reason = reason
        details = StopDetails(explanation, time: surroundings.now)
    }

    func poll() -> StopReason? { reason }
}
