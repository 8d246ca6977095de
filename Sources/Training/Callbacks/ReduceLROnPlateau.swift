import Files
import Foundation
import Graphs
import Memory
import Networks
import Tensors

/// Lowers the learning rate when a value no longer improves (MindSpore's `ReduceLROnPlateau`).
///
/// After `patience` epochs in a row without an improvement the rate becomes rate · `factor`, but not less than `minLR`;
/// then for `cooldown` epochs nothing is counted. The rate is part of the optimizer's state, so a run that continues
/// from a checkpoint goes on with it. Unlike in MindSpore, 0.0 is a value. Every rank must have one.
open class ReduceLROnPlateau: Callback, StatefulCallback {
    private var watched: WatchedValue
    private let factor: Float
    private let patience: Int
    private let verbose: Bool
    private let cooldown: Int
    private let minLR: Float
    private let output: LineOutput

    private var lastEpoch: Int?

    /// The epochs in a row without an improvement.
    public private(set) var wait = 0

    /// The epochs left in which nothing is counted.
    public private(set) var cooldownCounter = 0

    /// Makes a monitor.
    ///
    /// - Parameters:
    ///   - monitor: "loss" for the loss of training; "eval_loss" or a metric's name for a result of the validation in
    ///     `fit`.
    ///   - verbose: Whether to print each change.
    ///   - minDelta: The least difference that counts as an improvement; its sign does not matter.
    /// - Throws: ``MonitorError`` if `factor` is not between 0 and 1, `patience`, `cooldown` or `minLR` is negative, or
    ///   `minDelta` is no number.
    public init(
        monitor: String = "eval_loss", factor: Float = 0.1, patience: Int = 10, verbose: Bool = false,
        mode: MonitorMode = .auto, minDelta: Double = 1e-4, cooldown: Int = 0, minLR: Float = 0,
        output: @escaping LineOutput = printLine
    ) throws(MonitorError) {
        let name = "ReduceLROnPlateau"
        try MonitorError.check(factor > 0 && factor < 1, name, "factor", factor, "above 0 and below 1")
        try MonitorError.check(patience >= 0, name, "patience", patience, "at least 0")
        try MonitorError.check(cooldown >= 0, name, "cooldown", cooldown, "at least 0")
        try MonitorError.check(minLR >= 0 && minLR.isFinite, name, "minLR", minLR, "a finite number of at least 0")
        try MonitorError.check(minDelta.isFinite, name, "minDelta", minDelta, "a finite number")
        watched = WatchedValue(monitor, mode: mode, minDelta: minDelta)
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.minLR = minLR
        self.output = output
    }

    /// MindSpore leaves it out of the validation inside `fit`.
    open override var hearsValidation: Bool { false }

    /// Begins to count anew.
    ///
    /// - Throws: ``MonitorError`` if the learning rate follows a schedule.
    open override func onTrainBegin(_ runContext: RunContext) throws {
        try runContext.requireConstantLearningRate(for: "ReduceLROnPlateau")
        wait = 0
        cooldownCounter = 0
        lastEpoch = nil
        watched.reset()
        try super.onTrainBegin(runContext)
    }

    /// Looks at the value and lowers the rate when the patience is at its end.
    open override func onTrainEpochEnd(_ runContext: RunContext) throws {
        try super.onTrainEpochEnd(runContext)
        let purpose = "Learning rate reduction"
        guard runContext.countsEpoch(after: lastEpoch),
            let value = watched.value(in: runContext, for: purpose, reportingTo: output)
        else { return }
        lastEpoch = runContext.originalArgs().curEpochNum
        if cooldownCounter > 0 {
            cooldownCounter -= 1
            wait = 0
        }
        if watched.note(value) {
            wait = 0
        } else if cooldownCounter == 0 {
            wait += 1
            if wait >= patience { lowerRate(runContext) }
        }
    }

    /// What a run that carries on goes on with.
    public struct KeptState: Codable {
        let wait: Int
        let cooldownCounter: Int
        let best: Double
        let lastEpoch: Int?
    }

    /// What a run that carries on goes on with; the rate itself is part of the optimizer's state.
    public var keptState: KeptState {
        get { KeptState(wait: wait, cooldownCounter: cooldownCounter, best: watched.best, lastEpoch: lastEpoch) }
        set {
            wait = OutsideNumber(nearestTo: newValue.wait).value
            cooldownCounter = OutsideNumber(nearestTo: newValue.cooldownCounter).value
            lastEpoch = newValue.lastEpoch
            watched.restore(best: newValue.best)
        }
    }

    private func lowerRate(_ runContext: RunContext) {
        wait = 0
        cooldownCounter = cooldown
        let parameters = runContext.originalArgs()
        guard let optimizer = parameters.optimizer, let epoch = parameters.curEpochNum else { return }
        let rate = optimizer.currentLearningRate
        let lower = max(rate * factor, minLR)
        guard lower < rate else { return }
        optimizer.setLearningRate(lower)
        guard verbose else { return }
        let number = String(format: "%05d", epoch)
        runContext.report(
            "Epoch \(number): ReduceLROnPlateau reducing learning rate to \(pythonText(lower)).", to: output)
    }
}

extension Optimizer {
    /// The rate of the step under way, or of the next one if the schedule is constant.
    var currentLearningRate: Float { learningRate.tensor.slice(of: Float.self).span[0] }
}

extension RunContext {
    /// Throws if the optimizer sets its learning rate anew before each step.
    func requireConstantLearningRate(for monitor: String) throws(MonitorError) {
        guard originalArgs().optimizer?.schedule.isConstant != false else {
            throw .scheduledLearningRate(monitor: monitor)
        }
    }
}
