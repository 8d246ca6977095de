/// Remembers the loss and the metrics of each epoch (MindSpore's `History`).
open class History: Callback, StatefulCallback {
    /// The epochs of the last run, from 1 (MindSpore's `epoch["epoch"]`).
    public private(set) var epoch: [Int] = []

    /// The values at the end of each epoch, over all runs: the loss as "net_output", and the metrics of the validation
    /// in `fit` by their names.
    public private(set) var history: [String: [Double]] = [:]

    /// MindSpore leaves it out of the validation inside `fit`.
    open override var hearsValidation: Bool { false }

    /// Forgets the epochs of the run before, but not their values.
    open override func begin(_ runContext: RunContext) throws {
        epoch = []
    }

    /// Notes the values of an epoch.
    open override func epochEnd(_ runContext: RunContext) throws {
        guard runContext.countsEpoch(after: epoch.last) else { return }
        let parameters = runContext.originalArgs()
        epoch.append(parameters.curEpochNum ?? 1)
        if let loss = parameters.meanOutput { history["net_output", default: []].append(loss) }
        for (name, value) in parameters.metrics ?? [:] { history[name, default: []].append(value) }
    }

    /// What a run that carries on goes on with.
    public struct KeptState: Codable {
        let epoch: [Int]
        let history: [String: [Double]]
    }

    /// What a run that carries on goes on with.
    public var keptState: KeptState {
        get { KeptState(epoch: epoch, history: history) }
        set {
            epoch = newValue.epoch
            history = newValue.history
        }
    }
}
