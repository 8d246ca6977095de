import Collectives
public import Datasets
public import Files
import Graphs
import Networks

extension Model {
    /// Trains for `epoch` epochs in all (MindSpore's `Model.train`).
    ///
    /// - Parameters:
    ///   - initialEpoch: The epochs taken as made already; the first one made is `initialEpoch + 1`.
    ///   - surroundings: The time, threads and numbers of this rank.
    /// - Throws: ``ModelError``, `DataError`; what a callback throws on any rank, as `RankFailure` if there are
    ///   several; `CollectiveError`.
    public func train(
        _ epoch: Int, _ trainDataset: DataLoader, callbacks: [Callback] = [], initialEpoch: Int = 0,
        surroundings: any Surroundings = .system
    ) throws {
        try fit(
            epoch, trainDataset, nil, callbacks: callbacks, initialEpoch: initialEpoch, surroundings: surroundings)
    }

    /// Trains with one callback.
    public func train(
        _ epoch: Int, _ trainDataset: DataLoader, callbacks: Callback, initialEpoch: Int = 0
    ) throws {
        try train(epoch, trainDataset, callbacks: [callbacks], initialEpoch: initialEpoch)
    }

    /// Trains, and validates after epochs (MindSpore's `Model.fit`).
    ///
    /// A stop asked for from outside, by a signal or a file, also ends a validation under way; one asked for by a
    /// callback during a validation ends only that.
    public func fit(
        _ epoch: Int, _ trainDataset: DataLoader, _ validDataset: DataLoader?,
        validFrequency: ValidationFrequency = .every(1), callbacks: [Callback] = [], initialEpoch: Int = 0,
        surroundings: any Surroundings = .system
    ) throws {
        guard epoch > 0 else { throw ModelError.badEpochs(epoch) }
        guard (0..<epoch).contains(initialEpoch) else {
            throw ModelError.badInitialEpoch(initialEpoch, epochs: epoch)
        }
        if case .every(let epochs) = validFrequency, epochs < 1 { throw ModelError.badValidationFrequency(epochs) }
        guard validDataset == nil || !metrics.isEmpty else { throw ModelError.noMetrics }
        guard let optimizer else { throw ModelError.noOptimizer }

        let loop = try TrainingLoop(
            self, optimizer, epochs: epoch, initialEpoch: initialEpoch, data: trainDataset,
            validation: validDataset.map { ($0, validFrequency) }, callbacks: CallbackList(callbacks: callbacks),
            in: surroundings)
        _ = try loop.callbacks.around(in: world) { try loop.train() }
    }
}

/// After which epochs `fit` validates.
public enum ValidationFrequency: Sendable, Equatable {
    /// After every n-th epoch.
    case every(Int)
    /// After these epochs.
    case epochs([Int])

    func includes(_ epoch: Int) -> Bool {
        switch self {
        case .every(let epochs): epoch % epochs == 0
        case .epochs(let epochs): epochs.contains(epoch)
        }
    }
}
