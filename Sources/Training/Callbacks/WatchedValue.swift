import Stopping

/// Which values of what is watched are better.
public enum MonitorMode: String, Sendable, CaseIterable {
    /// Lower ones for a loss or an error that MindSpore knows by name, such as "eval_loss" or "mae", else higher ones.
    case auto
    /// Lower ones.
    case min
    /// Higher ones.
    case max
}

/// A value that a monitor watches from epoch to epoch, and the best one so far.
struct WatchedValue {
    /// "loss" for the loss of training; "eval_loss" or a metric's name for a result of the validation in `fit`.
    let name: String
    private let minDelta: Double
    private let highIsGood: Bool
    /// Infinite until there is a value.
    private(set) var best: Double
    private var hasWarned = false

    private static let namesOfErrors: Set = [
        "loss", "eval_loss", "mae", "mse", "perplexity", "hausdorff_distance", "mean_surface_distance",
        "root_mean_square_distance",
    ]

    init(_ name: String, mode: MonitorMode, minDelta: Double) {
        self.name = name
        self.minDelta = minDelta.magnitude
        highIsGood = mode == .max || (mode == .auto && !Self.namesOfErrors.contains(name))
        best = highIsGood ? -.infinity : .infinity
    }

    /// Whether `value` is better than `other` by more than the least difference that counts. NaN never is.
    func improves(_ value: Double, on other: Double) -> Bool {
        highIsGood ? value > other + minDelta : value < other - minDelta
    }

    /// Remembers `value` if it is the best, and says whether it is.
    mutating func note(_ value: Double) -> Bool {
        guard improves(value, on: best) else { return false }
        best = value
        return true
    }

    /// Goes on with the best value of a run that is carried on.
    mutating func restore(best: Double) { self.best = best }

    mutating func reset() {
        best = highIsGood ? -.infinity : .infinity
    }

    /// The value at the end of an epoch; if nothing has this name nil, and the first time it is reported what for
    /// ("Early stopping") the value is missing.
    mutating func value(
        in runContext: RunContext, for purpose: String, reportingTo output: LineOutput
    ) -> Double? {
        let parameters = runContext.originalArgs()
        let value = name == "loss" ? parameters.meanOutput : parameters.evalResults?[name]
        // A validation that was skipped or cut short, since the run is to end, has no results.
        if value == nil, !hasWarned, runContext.agreedStop?.reason.isUrgent != true {
            runContext.report(absence(in: parameters, of: purpose), to: output)
            hasWarned = true
        }
        return value
    }

    private func absence(in parameters: CallbackParameters, of purpose: String) -> String {
        let names = ["loss"] + (parameters.evalResults ?? [:]).keys.sorted()
        return "WARNING: \(purpose) is conditioned on \(name), which is not available. "
            + "Available choices are: {\(names.map { "'\($0)'" }.joined(separator: ", "))}"
    }
}
