import Checkpoints
import Datasets
import EmbeddedData
import Files
import Foundation
import MPITestKit
import Memory
import MindSporeTestKit
import Models
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

extension MPITests.TrainerTests {
    /// Real MindSpore loads what the trainer saved and computes with it.
    @Suite struct MindSporeTests {
        private let folder: TestFolder
        private let checkpoint: FilePath

        init() throws {
            folder = try TestFolder()
            checkpoint = folder.out.appending("rank_0/LeNet5_train.ckpt")
        }

        @Test(.enabled(if: hasMindSpore)) func mindSporeLoadsTheCheckpointAndComputesTheSame() throws {
            try TrainerRun(ranks: 2, arguments: ["--epochs", "1", "--directory", folder.out.string]).finish()
            try describeEntries()
            try describeLogits()
            #expect(try MindSporeScript("load_lenet.py").run([checkpoint.string, folder.path.string]) == nil)
        }

        private func describeEntries() throws {
            let reader = try CkptReader(file: LocalFileSystem().open(checkpoint))
            let entries = try reader.entries.map { entry in
                let type = try #require(entry.tensorType, "\(entry.name) is no tensor")
                return Entry(
                    name: entry.name, dtype: type.elementType.mindSporeName, shape: type.shape.dimensions,
                    hex: Self.hexadecimal(try reader.contents(of: entry.name)))
            }
            #expect(entries.first?.name == "conv1.weight")
            try JSONEncoder().encode(entries).write(to: folder.url("entries.json"))
        }

        /// What a LeNet-5 with the parameters of the checkpoint makes of the first test digits.
        private func describeLogits() throws {
            let model = Model(
                LeNet5(), lossFn: SoftmaxCrossEntropyWithLogits(sparse: true), metrics: ["accuracy": Accuracy()])
            try #require(try model.loadNetwork(named: "LeNet5_train", in: folder.out) != nil)
            let recorder = Recorder()
            _ = try model.eval(DataLoader(Digits.test, batchSize: 16, dropsRemainder: false), callbacks: [recorder])
            try Data(recorder.images).write(to: folder.url("images"))
            try Data(recorder.logits).write(to: folder.url("logits"))
        }

        private static func hexadecimal(_ bytes: [UInt8]) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }
}

/// An entry as `exchange.py` describes them.
private struct Entry: Encodable {
    let name: String
    let dtype: String
    let shape: [Int]
    let hex: String
}

/// Keeps the images and logits of the first batch.
private final class Recorder: Callback {
    private(set) var images: [UInt8] = []
    private(set) var logits: [UInt8] = []

    override func onEvalStepEnd(_ runContext: RunContext) {
        let run = runContext.originalArgs()
        guard images.isEmpty, let inputs = run.evalDatasetElement, let outputs = run.netOutputs else { return }
        images = Self.bytes(of: inputs[0])
        logits = Self.bytes(of: outputs[1])
    }

    private static func bytes(of tensor: Tensor) -> [UInt8] {
        let bytes = tensor.bytes.span
        return bytes.indices.map { bytes[$0] }
    }
}
