import Files
import Foundation

/// Prints how long each epoch and its steps took (MindSpore's `TimeMonitor`).
///
/// "Train epoch time: 9.000 ms, per step time: 3.000 ms"; with `dataTime` also the average time between two steps,
/// " (data time: 1.000 ms)". The time of a validation inside `fit` has a line of its own and does not count for
/// training.
open class TimeMonitor: Callback {
    private let dataSize: Int?
    private let dataTime: Bool
    private let output: LineOutput
    private let clock: (@Sendable () -> ContinuousClock.Instant)?
    /// The epoch of training under way and, last, that of a validation inside it.
    private var epochs: [EpochTimes] = []

    /// Makes a monitor.
    ///
    /// - Parameters:
    ///   - dataSize: The steps of an epoch, used where the run does not say how many there are.
    ///   - now: The time; by default that of the run.
    /// - Throws: ``MonitorError`` if `dataSize` is below 1.
    public init(
        dataSize: Int? = nil, dataTime: Bool = false, output: @escaping LineOutput = printLine,
        now: (@Sendable () -> ContinuousClock.Instant)? = nil
    ) throws(MonitorError) {
        if let dataSize { try MonitorError.check(dataSize > 0, "TimeMonitor", "dataSize", dataSize, "at least 1") }
        self.dataSize = dataSize
        self.dataTime = dataTime
        self.output = output
        clock = now
    }

    /// Forgets an epoch that an error left open.
    open override func onTrainBegin(_ runContext: RunContext) throws {
        epochs = []
        try super.onTrainBegin(runContext)
    }

    /// Starts the time of an epoch.
    open override func epochBegin(_ runContext: RunContext) throws {
        epochs.append(EpochTimes(from: now(runContext)))
    }

    /// Ends the time spent on data.
    open override func stepBegin(_ runContext: RunContext) throws {
        guard let last = epochs.indices.last else { return }
        epochs[last].data += now(runContext) - epochs[last].dataStart
    }

    /// Starts the time spent on data.
    open override func stepEnd(_ runContext: RunContext) throws {
        guard let last = epochs.indices.last else { return }
        epochs[last].dataStart = now(runContext)
    }

    /// Prints the times.
    ///
    /// - Throws: ``MonitorError`` if the number of steps is not known.
    open override func epochEnd(_ runContext: RunContext) throws {
        guard let epoch = epochs.popLast() else { return }
        let elapsed = now(runContext) - epoch.start
        if let outer = epochs.indices.last { epochs[outer].nested += elapsed }
        let parameters = runContext.originalArgs()
        guard let steps = parameters.batchNum > 0 ? parameters.batchNum : dataSize else {
            throw MonitorError.unknownStepCount
        }
        let milliseconds = (elapsed - epoch.nested) / .milliseconds(1)
        var line = "\(parameters.mode.rawValue.capitalized) epoch time: \(text(milliseconds)) ms"
        line += ", per step time: \(text(milliseconds / Double(steps))) ms"
        if dataTime { line += " (data time: \(text(epoch.data / .milliseconds(1) / Double(steps))) ms)" }
        runContext.report(line, to: output)
    }

    private func now(_ runContext: RunContext) -> ContinuousClock.Instant {
        clock?() ?? runContext.surroundings.now
    }

    private func text(_ milliseconds: Double) -> String { String(format: "%5.3f", milliseconds) }
}

private struct EpochTimes {
    let start: ContinuousClock.Instant
    var dataStart: ContinuousClock.Instant
    var data = Duration.zero
    /// What a validation inside the epoch took.
    var nested = Duration.zero

    init(from start: ContinuousClock.Instant) {
        self.start = start
        dataStart = start
    }
}
