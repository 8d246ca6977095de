import Foundation
import Lockstep
import RunsCommandLine
import SystemPackage

extension Trainer {
    /// An LSTM of two layers of 256 on the bytes of a text, in samples of 128.
    func recurrentTask(in setting: TaskSetting) throws -> TrainingTask {
        let length = 128
        let network = CharacterLSTM()
        let corpus =
            try model.data.map { try TextCorpus(contentsOf: FilePath(text: $0), sharedBy: setting.world) }
            ?? .devilsDictionary
        let batchSize = setting.batchSize ?? 16
        return TrainingTask(
            name: "LSTM", network: network, loss: GPTLoss(),
            optimizer: { steps in textOptimizer(of: network, setting.placement, peak: 3e-3, steps: steps) },
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
}
