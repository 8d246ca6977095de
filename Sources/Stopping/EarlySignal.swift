/// What the program's own handler knows of a signal that may have come before ``SignalWatch`` was listening.
public struct EarlySignal: Sendable {
    /// Its number.
    public let number: Int32

    /// Whether the process that started this one had switched it off.
    public let wasIgnored: Bool

    /// The process that sent it first, 0 for the kernel, and when, in nanoseconds of the monotonic clock; nil if none came.
    public let arrival: (sender: Int32, time: Int64)?

    /// Describes a signal.
    public init(number: Int32, wasIgnored: Bool, arrival: (sender: Int32, time: Int64)?) {
        self.number = number
        self.wasIgnored = wasIgnored
        self.arrival = arrival
    }
}
