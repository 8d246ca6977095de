import Checkpoints
public import SystemPackage

extension TrainingProgress {
    /// How far a run over `data` is at `position`.
    init(_ position: RunPosition, data: DataLoader, seed: UInt64, finished: Bool, shuffling: Shuffling) {
        self.init(
            epoch: position.epoch, stepInEpoch: position.stepInEpoch, stepsPerEpoch: data.stepsPerEpoch,
            step: position.step, globalBatch: data.batchSize, sampleCount: position.step * data.batchSize, seed: seed,
            finished: finished, shuffling: shuffling)
    }

    /// Where training over `data` carries on.
    ///
    /// - Throws: ``ResumeError`` if the batches are not those of the saved run, so that samples would be skipped or
    ///   repeated.
    func position(over data: DataLoader, seed: UInt64) throws(ResumeError) -> RunPosition {
        guard globalBatch == data.batchSize else { throw .otherBatch(saved: globalBatch, now: data.batchSize) }
        guard stepsPerEpoch == data.stepsPerEpoch else {
            throw .otherData(saved: stepsPerEpoch, now: data.stepsPerEpoch)
        }
        guard self.seed == seed else { throw .otherSeed(saved: self.seed, now: seed) }
        return RunPosition(epoch: epoch, stepInEpoch: stepInEpoch, step: step)
    }
}

/// A run that cannot carry on from a checkpoint, because it would not see the same samples.
public enum ResumeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another number of samples a step.
    case otherBatch(saved: Int, now: Int)
    /// Another number of steps an epoch.
    case otherData(saved: Int, now: Int)
    /// Another seed.
    case otherSeed(saved: UInt64, now: UInt64)
    /// No set has this path.
    case noSet(FilePath)

    /// One sentence.
    public var description: String {
        switch self {
        case .otherBatch(let saved, let now):
            "the checkpoint was saved with a batch of \(saved) samples, not \(now); resume with the same batch"
        case .otherData(let saved, let now):
            "the checkpoint was saved with \(saved) steps an epoch, not \(now); resume with the same data and number of steps"
        case .otherSeed(let saved, let now):
            "the checkpoint was saved with seed \(saved), not \(now); resume with the same seed"
        case .noSet(let path): "there is no checkpoint \(path); name the manifest of one"
        }
    }
}
