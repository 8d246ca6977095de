import Checkpoints
import Datasets
import Files
import Records
public import SystemPackage
public import Training

extension TrainingProgress {
    /// How far a run over `data` is at `position`.
    init(_ position: RunPosition, data: DataLoader, seed: UInt64, finished: Bool, shuffling: Shuffling) {
        let isAhead = Mutant.positionAhead.isPlanted && position.stepInEpoch < data.stepsPerEpoch
        let step = position.step + (isAhead ? 1 : 0)
        self.init(
            epoch: position.epoch, stepInEpoch: position.stepInEpoch + (isAhead ? 1 : 0),
            stepsPerEpoch: data.stepsPerEpoch, step: step, globalBatch: data.batchSize,
            sampleCount: step * data.batchSize, seed: seed,
            finished: finished, shuffling: shuffling)
    }

    /// Where training over `data` carries on; settings that are allowed to change are not compared.
    ///
    /// - Throws: ``ResumeError`` if the batches are not those of the saved run, so that samples would be skipped or
    ///   repeated.
    func position(
        over data: DataLoader, seed: UInt64, allowing allowed: Set<String> = []
    ) throws(ResumeError) -> RunPosition {
        let isOtherBatchAllowed = allowed.contains(SettingName.batchSize)
        guard globalBatch == data.batchSize || isOtherBatchAllowed else {
            throw .otherBatch(saved: globalBatch, now: data.batchSize)
        }
        guard stepsPerEpoch == data.stepsPerEpoch || isOtherBatchAllowed || allowed.contains(SettingName.data) else {
            throw .otherData(saved: stepsPerEpoch, now: data.stepsPerEpoch)
        }
        guard self.seed == seed || allowed.contains(SettingName.seed) else {
            throw .otherSeed(saved: self.seed, now: seed)
        }
        guard OutsideNumber.product([step, data.batchSize]) != nil else {
            throw .tooManySamples(steps: step, batch: data.batchSize)
        }
        return RunPosition(epoch: epoch, stepInEpoch: stepInEpoch(over: data), step: step)
    }

    /// The steps of the epoch that are made, where an epoch may have other ones: as many as take the samples taken.
    private func stepInEpoch(over data: DataLoader) -> Int {
        if Mutant.epochBegunAnew.isPlanted, stepInEpoch < stepsPerEpoch { return 0 }
        guard globalBatch != data.batchSize || stepsPerEpoch != data.stepsPerEpoch else { return stepInEpoch }
        guard stepInEpoch < stepsPerEpoch else { return data.stepsPerEpoch }
        return min(stepInEpoch * globalBatch / data.batchSize, data.stepsPerEpoch)
    }
}

/// A run that cannot carry on from a checkpoint, because it would not see the same samples.
public enum ResumeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another number of samples a step.
    case otherBatch(saved: Int, now: Int)
    /// Another number of steps an epoch.
    case otherData(saved: Int, now: Int)
    /// More samples than can be counted.
    case tooManySamples(steps: Int, batch: Int)
    /// Another seed.
    case otherSeed(saved: UInt64, now: UInt64)
    /// Settings that change what is computed are not those of the saved run.
    case otherSettings(set: String, [SettingChange])
    /// A setting that is allowed to change, and that the run does not have.
    case unknownSetting(String, known: [String])
    /// No set has this path.
    case noSet(FilePath)

    /// One sentence.
    public var description: String {
        switch self {
        case .otherBatch(let saved, let now):
            "the checkpoint was saved with a batch of \(saved) samples, not \(now); resume with the same batch"
        case .otherData(let saved, let now):
            "the checkpoint was saved with \(saved) steps an epoch, not \(now); resume with the same data and number of steps"
        case .tooManySamples(let steps, let batch):
            "the checkpoint was saved after \(steps) steps, which are more samples than can be counted with a batch of \(batch)"
        case .otherSeed(let saved, let now):
            "the checkpoint was saved with seed \(saved), not \(now); resume with the same seed, or allow another by "
                + "--allow-change seed"
        case .otherSettings(let set, let changes):
            "checkpoint \(set) was saved with other settings: \(changes.map(\.description).joined(separator: ", and ")); "
                + "give what was given then, or allow it by "
                + changes.map { "--allow-change \($0.name)" }.joined(separator: " ")
        case .unknownSetting(let name, let known):
            "\(name) is no setting that can be allowed to change; there are \(known.joined(separator: ", "))"
        case .noSet(let path): "there is no checkpoint \(path); name the manifest of one"
        }
    }
}
