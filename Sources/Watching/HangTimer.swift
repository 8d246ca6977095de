/// Finds out when nothing has moved for too long; told the time again and again.
///
/// Time in which the process did not run does not count: a thread that ticks sees stops by job control, debuggers and
/// sleeping machines as a gap.
struct HangTimer {
    private let timeout: Duration
    private let longestGap: Duration
    private var lastTick: Duration?
    private var lastBeat = 0
    private var idle = Duration.zero

    /// Makes a timer that expects ticks at least every `interval`.
    init(timeout: Duration, interval: Duration) {
        self.timeout = timeout
        // A machine with more ranks than cores is late by some time slices.
        longestGap = max(interval * 5, .seconds(1))
    }

    /// Whether the beats have stood still for the timeout.
    mutating func isHung(at now: Duration, beats: Int) -> Bool {
        let gap = lastTick.map { now - $0 } ?? .zero
        lastTick = now
        guard beats == lastBeat else {
            lastBeat = beats
            idle = .zero
            return false
        }
        if gap <= longestGap { idle += gap }
        return idle >= timeout
    }

    /// Begins anew.
    mutating func reset() {
        lastTick = nil
        idle = .zero
    }
}
