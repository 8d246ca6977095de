public import Foundation

/// The time, as saving needs it: for distances, and for what is written down.
public struct SaveClock: Sendable {
    let now: @Sendable () -> ContinuousClock.Instant
    let date: @Sendable () -> Date

    /// Makes a clock of two functions.
    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant, date: @escaping @Sendable () -> Date
    ) {
        self.now = now
        self.date = date
    }

    /// The system's.
    public static let system = SaveClock(now: { .now }, date: { Date() })
}
