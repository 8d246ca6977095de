import Files
import Foundation
package import Graphs
package import Networks
import Tensors

/// Stops training when a value no longer improves (MindSpore's `EarlyStopping`).
///
/// An epoch that does not improve counts; `patience` of them in a row are enough. With a patience of 0, the default, that
/// is the first epoch in any case, as in MindSpore. Unlike there, 0.0 is a value, and the baseline counts (MindSpore puts
/// `minDelta` in its place). Every rank should have one, since each keeps the best weights for itself.
open class EarlyStopping: Callback, StatefulCallback {
    private var watched: WatchedValue
    private let patience: Int
    private let verbose: Bool
    private let baseline: Double?
    private let restoreBestWeights: Bool
    private let output: LineOutput
    private var bestWeights = KeptWeights()
    private var bestMetrics: [String: Double]?
    private var lastEpoch: Int?

    /// The epochs in a row without an improvement.
    public private(set) var wait = 0

    /// The epoch after which it stopped the run; nil if it did not.
    public private(set) var stoppedEpoch: Int?

    /// The best value so far; infinite before the first.
    public var best: Double { watched.best }

    /// Makes a monitor.
    ///
    /// - Parameters:
    ///   - monitor: "loss" for the loss of training; "eval_loss" or a metric's name for a result of the validation in
    ///     `fit`.
    ///   - minDelta: The least difference that counts as an improvement; its sign does not matter.
    ///   - verbose: Whether to print that it stopped the run or restored weights.
    ///   - baseline: What a value must be better than to count as an improvement.
    ///   - restoreBestWeights: Whether the network gets back the weights of the best epoch when the run is stopped.
    /// - Throws: ``MonitorError`` if `patience` is negative, or `minDelta` no number.
    public init(
        monitor: String = "eval_loss", minDelta: Double = 0, patience: Int = 0, verbose: Bool = false,
        mode: MonitorMode = .auto, baseline: Double? = nil, restoreBestWeights: Bool = false,
        output: @escaping LineOutput = printLine
    ) throws(MonitorError) {
        try MonitorError.check(patience >= 0, "EarlyStopping", "patience", patience, "at least 0")
        try MonitorError.check(minDelta.isFinite, "EarlyStopping", "minDelta", minDelta, "a finite number")
        watched = WatchedValue(monitor, mode: mode, minDelta: minDelta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restoreBestWeights = restoreBestWeights
        self.output = output
    }

    /// MindSpore leaves it out of the validation inside `fit`.
    open override var hearsValidation: Bool { false }

    /// Begins to count anew.
    open override func onTrainBegin(_ runContext: RunContext) throws {
        wait = 0
        stoppedEpoch = nil
        bestMetrics = nil
        lastEpoch = nil
        watched.reset()
        try super.onTrainBegin(runContext)
    }

    /// Looks at the value and asks for a stop when the patience is at its end.
    open override func onTrainEpochEnd(_ runContext: RunContext) throws {
        try super.onTrainEpochEnd(runContext)
        guard runContext.countsEpoch(after: lastEpoch),
            let value = watched.value(in: runContext, for: "Early stopping", reportingTo: output)
        else { return }
        let parameters = runContext.originalArgs()
        lastEpoch = parameters.curEpochNum
        wait += 1
        let isBest = watched.note(value)
        if restoreBestWeights, isBest || bestMetrics == nil {
            bestWeights.keep(those: parameters.network, named: keptName)
            bestMetrics = runContext.stateMetrics
        }
        if isBest, baseline.map({ watched.improves(value, on: $0) }) ?? true { wait = 0 }
        guard wait >= patience else { return }
        stoppedEpoch = parameters.curEpochNum
        runContext.requestEnd()
        restoreWeights(runContext)
    }

    /// Prints that it stopped the run.
    open override func onTrainEnd(_ runContext: RunContext) throws {
        try super.onTrainEnd(runContext)
        guard verbose, let stoppedEpoch else { return }
        runContext.report("Epoch \(String(format: "%05d", stoppedEpoch)): early stopping", to: output)
    }

    private func restoreWeights(_ runContext: RunContext) {
        guard restoreBestWeights, let bestMetrics else { return }
        if verbose { runContext.report("Restoring model weights from the end of the best epoch.", to: output) }
        bestWeights.restore()
        // What was measured of the last epoch is not true of them.
        runContext.epochs.restoredMetrics = bestMetrics
    }

    /// What a run that carries on goes on with.
    public struct KeptState: Codable {
        let wait: Int
        let stoppedEpoch: Int?
        let best: Double
        let bestMetrics: [String: Double]?
        let lastEpoch: Int?
    }

    /// What a run that carries on goes on with; the best weights lie in the files of the set.
    public var keptState: KeptState {
        get {
            KeptState(
                wait: wait, stoppedEpoch: stoppedEpoch, best: best, bestMetrics: bestMetrics, lastEpoch: lastEpoch)
        }
        set {
            wait = OutsideNumber(nearestTo: newValue.wait).value
            stoppedEpoch = newValue.stoppedEpoch
            bestMetrics = newValue.bestMetrics
            lastEpoch = newValue.lastEpoch
            watched.restore(best: newValue.best)
        }
    }

    private var keptName: String { "early_stopping.\(watched.name)" }
}

extension EarlyStopping: KeepsParameters {
    package var keptParameters: [Parameter] { bestMetrics == nil ? [] : bestWeights.parameters }

    package func parametersToLoad(for network: any Cell) -> [Parameter] {
        guard restoreBestWeights else { return [] }
        bestWeights.makeRoom(for: network, named: keptName)
        return bestWeights.parameters
    }
}
