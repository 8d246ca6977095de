import Foundation
import Lockstep
import SystemPackage

/// A GPT on the bytes of a text.
struct TextTask: TrainingTask {
    let options: RunOptions
    let gpt: GPTOptions
    let optimizer: OptimizerOptions
    let placement: Placement
    let sizes: GPTSizes
    let corpus: TextCorpus

    var fileName: String { "GPT" }
    var defaultEpochs: Int { 1 }
    var defaultClipNorm: Float? { 1 }
    var metrics: [String: any Metric] { ["loss": LossMetric(), "bits_per_byte": BitsPerByte()] }
    var tokensPerSample: Int? { sizes.length }

    func trainingData(in world: any Communicator) throws -> DataLoader {
        try world.together {
            try naming(corpus.train) {
                try DataLoader(
                    TextDataset(corpus.train, length: sizes.length), batchSize: options.batchSize ?? 16,
                    shuffleSeed: options.seed, stepLimit: gpt.steps)
            }
        }
    }

    func testData(in world: any Communicator) throws -> DataLoader {
        try world.together {
            try naming(corpus.test) {
                try DataLoader(
                    TextDataset(corpus.test, length: sizes.length, stride: sizes.length),
                    batchSize: options.batchSize ?? 16, dropsRemainder: false)
            }
        }
    }

    /// Loads samples of a text; that they are too few for a batch is said of the file.
    private func naming(_ text: FileSlice, _ load: () throws -> DataLoader) throws -> DataLoader {
        do {
            return try load()
        } catch DataError.badBatchSize(let size, let count) where count < size {
            throw DataError.badFile(
                text.file.path,
                "has \(text.file.byteCount) bytes, which make \(count) samples here; a batch has 1 to \(count), not \(size)"
            )
        }
    }

    func makeNetwork() -> (network: any Cell, loss: any Loss) {
        (GPT(sizes, placement: placement), GPTLoss(placement: placement))
    }

    func makeOptimizer(of network: any Cell, steps: Int) -> Optimizer {
        let peak = optimizer.learningRate ?? 1e-3
        let warmUp = min(gpt.warmUp, steps)
        let cosine = LearningRate.cosine(from: peak, to: peak / 10, over: max(steps - warmUp, 1))
        return AdamW(
            network.trainableParameters, learningRate: .warmUp(over: warmUp, then: cosine),
            weightDecay: optimizer.weightDecay ?? 0.1,
            share: gpt.shardOptimizer ? .overData(of: placement) : .whole)
    }

    func describe(_ results: [String: Double], samples: Int) -> String {
        String(
            format: "loss %.4f, %.3f bits per byte on %d bytes of test text", results["loss"] ?? 0,
            results["bits_per_byte"] ?? 0, samples * sizes.length)
    }
}
