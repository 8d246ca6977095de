/// Why a run stops before its end, in rising order of weight: if several ranks ask at once, the weightiest counts. What
/// leaves the least time weighs most.
public enum StopReason: UInt8, Sendable, CaseIterable, Comparable, CustomStringConvertible {
    /// A callback called `requestStop()`.
    case callback = 1

    /// A callback called `requestEnd()`: the run is finished.
    case ended = 2

    /// The configuration file says `GracefulExit`.
    case configFile = 3

    /// A halt request in the run's directory is due.
    case haltRequest = 4

    /// The time that the run was given is over soon.
    case deadline = 5

    /// A machine is about to be taken away.
    case machine = 6

    /// The process that started the rank is gone.
    case orphaned = 7

    /// The launcher is about to end the ranks, which it announces by SIGCONT.
    case notice = 8

    /// A signal.
    case signal = 9

    /// Whether somebody outside wants the run to end soon, so that no validation is begun or continued.
    public var isUrgent: Bool { self > .ended }

    /// As in "stopped by a signal".
    public var description: String {
        switch self {
        case .callback: "a callback"
        case .ended: "a callback that ended the run"
        case .configFile: "the configuration file"
        case .haltRequest: "a halt request"
        case .deadline: "the deadline"
        case .machine: "a notice for its machine"
        case .orphaned: "the end of its launcher"
        case .notice: "a notice of its launcher"
        case .signal: "a signal"
        }
    }

    /// Whether `a` weighs less than `b`.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
