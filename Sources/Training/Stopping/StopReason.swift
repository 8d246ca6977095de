/// Why a run stops before its end, in rising order of weight: if several ranks ask at once, the weightiest counts.
public enum StopReason: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    /// A callback called `requestStop()`.
    case callback = 1

    /// The configuration file says `GracefulExit`.
    case configFile = 2

    /// A signal.
    case signal = 3

    /// Whether somebody outside wants the run to end soon, so that validation is not begun or gone on with.
    public var isUrgent: Bool { self != .callback }

    /// As in "stopped by a signal".
    public var description: String {
        switch self {
        case .callback: "a callback"
        case .configFile: "the configuration file"
        case .signal: "a signal"
        }
    }
}

/// A request to stop that all ranks have agreed on.
public struct AgreedStop: Hashable, Sendable {
    /// Why.
    public let reason: StopReason

    /// The rank that asked: the lowest, if several did for this reason.
    public let rank: Int
}

/// Something that can ask for a stop from outside of the loop: a signal, a file.
public protocol StopSource: AnyObject {
    /// Why to stop, or nil. Once it is not nil it stays so until the run ends.
    func poll() -> StopReason?
}
