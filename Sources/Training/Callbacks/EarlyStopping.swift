import Foundation
import Graphs
import Networks
import Tensors

/// Stops training when a value no longer improves (MindSpore's `EarlyStopping`).
///
/// An epoch that does not improve counts; `patience` of them in a row are enough. With a patience of 0, the default, that
/// is the first epoch in any case, as in MindSpore. Unlike there, 0.0 is a value, and the baseline counts (MindSpore puts
/// `minDelta` in its place). Every rank should have one, since each keeps the best weights for itself.
open class EarlyStopping: Callback {
    private var watched: WatchedValue
    private let patience: Int
    private let verbose: Bool
    private let baseline: Double?
    private let restoreBestWeights: Bool
    private let output: LineOutput
    private var bestWeights: [(parameter: Parameter, value: Tensor)] = []

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
        bestWeights = []
        watched.reset()
        try super.onTrainBegin(runContext)
    }

    /// Looks at the value and asks for a stop when the patience is at its end.
    open override func onTrainEpochEnd(_ runContext: RunContext) throws {
        try super.onTrainEpochEnd(runContext)
        guard let value = watched.value(in: runContext, for: "Early stopping", reportingTo: output) else { return }
        let parameters = runContext.originalArgs()
        wait += 1
        let isBest = watched.note(value)
        if restoreBestWeights, isBest || bestWeights.isEmpty { keepWeights(of: parameters.network) }
        if isBest, baseline.map({ watched.improves(value, on: $0) }) ?? true { wait = 0 }
        guard wait >= patience else { return }
        stoppedEpoch = parameters.curEpochNum
        runContext.requestStop()
        restoreWeights(runContext)
    }

    /// Prints that it stopped the run.
    open override func onTrainEnd(_ runContext: RunContext) throws {
        try super.onTrainEnd(runContext)
        guard verbose, let stoppedEpoch else { return }
        runContext.report("Epoch \(String(format: "%05d", stoppedEpoch)): early stopping", to: output)
    }

    private func restoreWeights(_ runContext: RunContext) {
        guard restoreBestWeights else { return }
        if verbose { runContext.report("Restoring model weights from the end of the best epoch.", to: output) }
        for (parameter, value) in bestWeights { parameter.tensor.copy(from: value) }
    }

    private func keepWeights(of network: any Cell) {
        if bestWeights.isEmpty {
            bestWeights = network.parameters.map {
                ($0, Tensor(zeros: $0.shape, elementType: $0.tensor.elementType))
            }
        }
        for (parameter, value) in bestWeights { value.copy(from: parameter.tensor) }
    }
}
