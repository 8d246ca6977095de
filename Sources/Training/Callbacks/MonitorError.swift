/// What a monitor cannot do, or why it ends a run.
public enum MonitorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An argument of a monitor's initializer that is out of range; `allowed` says the range in words.
    case badArgument(monitor: String, name: String, value: String, allowed: String)

    /// An output that is NaN or infinite, so that training is of no use any more.
    case notFinite(epoch: Int, step: Int)

    /// A monitor that changes the learning rate of an optimizer whose rate follows a schedule.
    case scheduledLearningRate(monitor: String)

    /// A time per step is asked for, but neither the run nor `dataSize` says how many steps an epoch has.
    case unknownStepCount

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .badArgument(let monitor, let name, let value, let allowed):
            "the \(name) of \(monitor) is \(value); it must be \(allowed)"
        case .notFinite(let epoch, let step):
            "In epoch: \(epoch) step: \(step), loss is NAN or INF, training process cannot continue, "
                + "terminating training."
        case .scheduledLearningRate(let monitor):
            "\(monitor) cannot change a learning rate that follows a schedule; give the optimizer a constant one"
        case .unknownStepCount:
            "TimeMonitor cannot tell the time per step: the run has no number of steps, and no dataSize was given"
        }
    }
}

extension MonitorError {
    /// Throws unless `isAllowed`.
    static func check<Value>(
        _ isAllowed: Bool, _ monitor: String, _ name: String, _ value: Value, _ allowed: String
    ) throws(MonitorError) {
        guard isAllowed else {
            throw .badArgument(monitor: monitor, name: name, value: "\(value)", allowed: allowed)
        }
    }
}
