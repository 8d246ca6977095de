import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Datasets
import Execution
import Files
import Foundation
import Graphs
import LayerOperations
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// A run that finds a set of another run in its directory: same shapes, other samples or settings.
struct OtherSettingsTests {
    private let disk = MemoryFileSystem()

    @Test(arguments: [1, 2])
    func theSameRunCarriesOn(ranks: Int) throws {
        let disk = disk
        _ = try ThreadWorld.run(ranks: ranks) { world in _ = try Variant().train(1, on: disk, in: world) }
        _ = try ThreadWorld.run(ranks: 3 - ranks) { world in _ = try Variant().train(2, on: disk, in: world) }
        #expect(try manifest()?.checkpoint.progress.step == 8)
    }

    @Test(arguments: [
        ("learning-rate", Variant(learningRate: 0.2)),
        ("learning-rate", Variant(learningRate: .cosine(from: 0.1, over: 8))),
        ("momentum", Variant(momentum: 0.8)), ("weight-decay", Variant(weightDecay: 0.1)),
        ("optimizer", Variant(isSGD: true)), ("clip", Variant(clip: 1)), ("seed", Variant(seed: 1)),
        ("loss", Variant(reduction: .sum)), ("dropout", Variant(dropout: 0.5)), ("network", Variant(isDoubled: true)),
        ("data", Variant(changedSample: 15)), ("data", Variant(sampleCount: 17)),
        ("shuffle", Variant(isShuffled: true)),
    ])
    func anotherOneIsRefusedByTheNameOfWhatDiffers(name: String, other: Variant) throws {
        try Variant().train(1, on: disk)
        let before = try manifest()
        let error = #expect(throws: ResumeError.self) { try other.train(2, on: disk) }
        guard case .otherSettings("Net_train", let changes) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(changes.map(\.name).contains(name), "\(changes)")
        #expect(error.map { "\($0)" }?.contains("--allow-change \(name)") == true)
        #expect(try manifest() == before)
        // Another optimizer has another state.
        guard name != "optimizer" else { return }
        try other.train(2, on: disk, allowing: Set(changes.map(\.name)))
        #expect(try manifest()?.checkpoint.progress.step == 8)
    }

    @Test func allRanksRefuseTogether() throws {
        try Variant().train(1, on: disk)
        let disk = disk
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            _ = try Variant(momentum: 0.8).train(2, on: disk, in: world)
        }
        for outcome in outcomes {
            let error = #expect(throws: RankFailure.self) { try outcome.get() }
            #expect(error?.reason.contains("momentum is 0.8 and was 0.9") == true)
        }
    }

    @Test func aRateThatIsAllowedToChangeCounts() throws {
        try Variant().train(1, on: disk)
        let model = try Variant(learningRate: 0.25).train(2, on: disk, allowing: ["learning-rate"])
        #expect(model.optimizer?.learningRate.tensor.elements(of: Float.self) == [0.25])
    }

    @Test func anotherBatchIsTakenWhereItIsAllowed() throws {
        try Variant().train(1, on: disk)
        #expect(throws: ResumeError.otherBatch(saved: 4, now: 2)) { try Variant(batch: 2).train(2, on: disk) }
        try Variant(batch: 2).train(2, on: disk, allowing: ["batch-size"])
        #expect(try manifest()?.checkpoint.progress.step == 12)
    }

    @Test func aNameThatIsNoSettingIsRefused() throws {
        try Variant().train(1, on: disk)
        let error = #expect(throws: ResumeError.self) { try Variant().train(2, on: disk, allowing: ["rate"]) }
        guard case .unknownSetting("rate", let known) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(Set(known).isSuperset(of: ["batch-size", "data", "dropout", "learning-rate", "momentum", "seed"]))
    }

    /// A cosine over more steps is another one, but that is what a run made longer is.
    @Test func aRunIsMadeLonger() throws {
        try Variant(learningRate: .cosine(from: 0.1, over: 4)).train(1, on: disk)
        try Variant(learningRate: .cosine(from: 0.1, over: 12)).train(3, on: disk)
        #expect(try manifest()?.checkpoint.progress.step == 12)
    }

    @Test func aSetOfAnOlderVersionCarriesOn() throws {
        try Variant().train(1, on: disk)
        let path = output.appending("Net_train.manifest.json")
        let json = try disk.contents(of: path, limit: 1 << 20)
        var fields = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        var checkpoint = try #require(fields["checkpoint"] as? [String: Any])
        #expect(checkpoint.removeValue(forKey: "record") != nil)
        fields["checkpoint"] = checkpoint
        try disk.replaceContents(of: path, with: Array(JSONSerialization.data(withJSONObject: fields)))
        try Variant(momentum: 0.8).train(2, on: disk)
        #expect(try manifest()?.checkpoint.progress.step == 8)
    }

    private func manifest() throws -> Manifest? {
        try CheckpointDirectory(output, fileSystem: disk).manifest(named: "Net_train")
    }
}

/// Samples are told apart by their number and by every k-th of them.
struct FingerprintTests {
    @Test func everyElementOfASmallDatasetCounts() throws {
        let fingerprints = try [nil, 0, 7, 15].map { try Variant(changedSample: $0).data.dataset.fingerprint() }
        #expect(Set(fingerprints).count == 4)
        #expect(fingerprints[0].hasPrefix("16 samples ("))
        #expect(try Variant().data.dataset.fingerprint() == fingerprints[0])
    }

    @Test func aWordOfATextCounts() throws {
        var text = (0..<300_000).map { UInt8($0 * $0 % 251) }
        let before = try TextDataset(text[...], length: 64).fingerprint()
        text[171_717] ^= 1
        #expect(try TextDataset(text[...], length: 64).fingerprint() != before)
    }

    @Test func samplesThatAreDrawnAnewAreTheSameByTheirNumber() throws {
        #expect(try RandomDataset().fingerprint() == "8 samples, drawn anew each time")
    }

    private struct RandomDataset: Dataset {
        let count = 8
        let columns = [DataColumn("x", shape: [2], elementType: .float32)]

        func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) {
            tensors[0].fill(with: Float.random(in: 0..<1))
        }
    }
}

/// A run of epochs of four steps, but for what a test makes otherwise.
struct Variant: Sendable {
    var learningRate: LearningRate = 0.1
    var momentum: Float = 0.9
    var weightDecay: Float = 0
    var isSGD = false
    var clip: Float?
    var seed: UInt64 = 0
    var reduction = LossReduction.mean
    var dropout: Float = 0
    var isDoubled = false
    var batch = 4
    var sampleCount = 16
    var changedSample: Int?
    var isShuffled = false

    private final class Network: Cell {
        let dense = Dense(2, 2)
        let variant: Variant

        init(_ variant: Variant) { self.variant = variant }

        func construct(_ x: Symbol) -> Symbol {
            let y = dense(x.dropped(DropoutSettings(rate: variant.dropout, seed: 1, columns: 2)))
            return variant.isDoubled ? y * 2 : y
        }
    }

    var data: DataLoader {
        get throws {
            var numbers = (0..<sampleCount * 2).map { Float($0 % 7) / 7 }
            if let changedSample { numbers[changedSample * 2] += 1 }
            let labels = Tensor((0..<sampleCount * 2).map { Float($0 % 5) / 5 }, shape: [sampleCount, 2])
            let inputs = Tensor(numbers, shape: [sampleCount, 2])
            return try DataLoader(TensorDataset([("x", inputs), ("y", labels)]), batchSize: batch, shuffle: isShuffled)
        }
    }

    @discardableResult
    func train(
        _ epochs: Int, on disk: MemoryFileSystem, allowing allowed: Set<String> = [],
        in world: any Communicator = SoloCommunicator()
    ) throws -> Model {
        let network = Network(self)
        let optimizer =
            isSGD
            ? SGD(network.parameters, learningRate: learningRate, momentum: momentum)
            : Momentum(
                network.parameters, learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
        let model = Model(
            network, lossFn: MSELoss(reduction: reduction), optimizer: optimizer, world: world, backend: CPUBackend(),
            seed: seed,
            settings: TrainingSettings(placement: .replicated(rank: world.rank, of: world.size), clipNorm: clip))
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], allowedChanges: allowed, savesCompleted: true,
            files: disk)
        try model.train(epochs, data, callbacks: exit)
        return model
    }
}
