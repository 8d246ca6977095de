import Foundation
import Lockstep
import RunsCommandLine
import SystemPackage

extension Trainer {
    /// A GPT on the bytes of a text.
    func textTask(in setting: TaskSetting) throws -> TrainingTask {
        let placement = setting.placement
        let sizes = try gpt.sizes(over: placement.tensorParts)
        try gpt.check(sizes, samples: setting.batchSize ?? 1)
        return try bytesTask(
            "GPT", GPT(sizes, placement: placement), length: sizes.length, loss: GPTLoss(placement: placement),
            peak: 1e-3, in: setting)
    }

    /// A network that tells the next byte of a text, in samples of `length` bytes.
    func bytesTask(
        _ name: String, _ network: any Cell, length: Int, loss: any Loss, peak: Float, in setting: TaskSetting
    ) throws -> TrainingTask {
        let corpus =
            try model.data.map { try TextCorpus(contentsOf: FilePath(text: $0), sharedBy: setting.world) }
            ?? .devilsDictionary
        let batchSize = setting.batchSize ?? 16
        return TrainingTask(
            name: name, network: network, loss: loss,
            optimizer: { steps in textOptimizer(of: network, setting.placement, peak: peak, steps: steps) },
            data: try samples(of: corpus.train, in: setting) {
                try DataLoader(
                    TextDataset($0, length: length), batchSize: batchSize, shuffle: true,
                    stepLimit: gpt.steps ?? 1400, workers: setting.workers)
            },
            testData: try samples(of: corpus.test, in: setting) {
                try DataLoader(
                    TextDataset($0, length: length, stride: length), batchSize: batchSize, dropsRemainder: false)
            },
            metrics: ["loss": LossMetric(), "bits_per_byte": BitsPerByte()], epochs: 1, clipNorm: 1,
            tokensPerSample: length,
            describe: { results, samples in
                String(
                    format: "loss %.4f, %.3f bits per byte on %d bytes of test text", results["loss"] ?? 0,
                    results["bits_per_byte"] ?? 0, samples * length)
            })
    }

    private func textOptimizer(of network: any Cell, _ placement: Placement, peak: Float, steps: Int) -> Optimizer {
        let peak = optimizer.learningRate ?? peak
        let warmUp = min(gpt.warmUp ?? 100, steps)
        let cosine = LearningRate.cosine(from: peak, to: peak / 10, over: max(steps - warmUp, 1))
        return AdamW(
            network.trainableParameters, learningRate: .warmUp(over: warmUp, then: cosine),
            weightDecay: optimizer.weightDecay ?? 0.1,
            share: gpt.shardOptimizer ? .overData(of: placement) : .whole)
    }

    /// Loads samples of a text; that they are too few for a batch is said of the file.
    private func samples(
        of text: FileSlice, in setting: TaskSetting, _ load: (FileSlice) throws -> DataLoader
    ) throws -> DataLoader {
        try setting.world.together {
            do {
                return try load(text)
            } catch DataError.badBatchSize(let size, let count) where count < size {
                throw DataError.badFile(
                    text.file.path,
                    "has \(text.file.byteCount) bytes, which make \(count) samples here; a batch has 1 to \(count), "
                        + "not \(size)"
                )
            }
        }
    }
}
