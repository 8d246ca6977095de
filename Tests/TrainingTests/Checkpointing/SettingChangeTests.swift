import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Datasets
import Execution
import Graphs
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// What a run that carries on has otherwise than the one before, and nothing that was saved would tell.
struct SettingChangeTests {
    private static func last(_ parameters: [Parameter]) -> [Parameter] { Array(parameters.suffix(2)) }
    private static func first(_ parameters: [Parameter]) -> [Parameter] { Array(parameters.prefix(2)) }

    private static let cases: [(name: String, saved: Kind, other: Kind)] = [
        ("sampler", Kind { $0.sampler = .balanced(classes: Array(repeating: 0, count: 16)) }, Kind()),
        ("sampler", Kind(), Kind { $0.sampler = .balanced(classes: Array(repeating: 0, count: 16)) }),
        ("buckets", Kind { $0.bounds = [2] }, Kind()),
        ("warm-up", Kind(rate: .warmUp(over: 2, then: 0.1)), Kind()),
        (
            "warm-up", Kind(rate: .warmUp(over: 2, then: .cosine(from: 0.1, over: 8))),
            Kind(rate: .cosine(from: 0.1, over: 8))
        ),
        (
            "learning-rate", Kind(rate: .perEpoch(of: 2, .step(0.1, every: 2))), Kind(rate: .step(0.1, every: 2))
        ),
        (
            "ema-decay", Kind { $0.optimizer = { AveragedOptimizer(SGD($0)) } },
            Kind { $0.optimizer = { SGD($0) } }
        ),
        (
            "trained", Kind { $0.optimizer = { groups(first($0), last($0)) } },
            Kind { $0.optimizer = { groups(last($0), first($0)) } }
        ),
        ("dropout", Kind { $0.dropouts = [0.1, 0.5] }, Kind { $0.dropouts = [0.5, 0.1] }),
        ("network", Kind(), Kind { $0.isDoubled = true }),
    ]

    private static func groups(_ one: [Parameter], _ other: [Parameter]) -> Optimizer {
        GroupedOptimizer([SGD(one, learningRate: 0.1), SGD(other, learningRate: 0.2)])
    }

    /// On other ranks too; but the network of a rank, which has other sizes there, may be another one.
    @Test(arguments: cases.indices, [1, 2]) func whatDiffersIsRefusedByName(index: Int, ranks: Int) throws {
        let (name, saved, other) = Self.cases[index]
        let disk = MemoryFileSystem()
        _ = try saved.train(1, on: disk)
        for outcome in ThreadWorld.runCollecting(ranks: ranks, body: { try other.train(2, on: disk, in: $0) }) {
            guard name != "network" || ranks == 1 else {
                #expect(throws: Never.self) { try outcome.get() }
                continue
            }
            let text = #expect(throws: (any Error).self) { try outcome.get() }.map { "\($0)" } ?? ""
            #expect(text.contains("--allow-change \(name)"), "\(text)")
        }
    }

    /// A function may depend on how long the run is to be, so it is told of and not refused: that of any group, at any step.
    @Test func anotherFunctionOfAnyGroupIsTold() throws {
        func kind(_ rate: LearningRate) -> Kind {
            Kind {
                $0.optimizer = { parameters in
                    AveragedOptimizer(
                        GroupedOptimizer([
                            SGD(Self.first(parameters), learningRate: 0.1),
                            SGD(Self.last(parameters), learningRate: rate),
                        ]))
                }
            }
        }
        let disk = MemoryFileSystem()
        let rate = LearningRate { $0 == 3 ? 0.05 : 0.1 }
        _ = try kind(rate).train(1, on: disk)
        #expect(try kind(rate).train(2, on: disk) == [])
        // As before at the first step and the last, but not between them.
        let changes = try kind(LearningRate { _ in 0.1 }).train(3, on: disk)
        #expect(changes.map(\.name) == ["schedule"])
        #expect(changes[0].saved.hasPrefix("0.1 at step 4 after rates ") && changes[0].now != changes[0].saved)
    }

    /// Where ranks normalise by their own samples, as many as there are of them, a run is another one on other ranks.
    @Test func otherRanksAreToldOfWhereTheyNormaliseByTheirOwnSamples() throws {
        func changes(_ normalizes: Normalizing?, ranks: Int) throws -> [SettingChange] {
            let disk = MemoryFileSystem()
            _ = try ThreadWorld.run(ranks: 2) { world in
                try Kind { $0.normalizes = normalizes }.train(1, on: disk, in: world)
            }
            return try ThreadWorld.run(ranks: ranks) { world in
                try Kind { $0.normalizes = normalizes }.train(2, on: disk, in: world)
            }[0]
        }
        let change = try #require(try changes(.byRank, ranks: 1).first)
        #expect("\(change)" == "batch-norm is over 4 samples at a time and was over 2 samples at a time")
        #expect(change.warning?.contains("--sync-batch-norm") == true)
        #expect(try changes(.byRank, ranks: 2) == [])
        #expect(try changes(.overRanks, ranks: 1) == [])
        #expect(try changes(nil, ranks: 1) == [])
    }

    @Test func selectedSamplesAreTheirsOfWhatTheyWereSelectedFrom() throws {
        let images = TensorDataset([("image", Tensor(zeros: [8, 1, 2, 2]))])
        func fingerprint(_ prob: Float, _ numbers: [Int]) throws -> String {
            try images.map([RandomHorizontalFlip(prob: prob)], inputColumn: "image").selected(numbers).fingerprint()
        }
        let first = try fingerprint(0.5, [0, 1])
        #expect(try first == fingerprint(0.5, [0, 1]))
        #expect(try first != fingerprint(0.25, [0, 1]) && first != fingerprint(0.5, [1, 0]))
    }
}

/// Whether batches are normalised, and by whose samples.
private enum Normalizing { case byRank, overRanks }

/// A run of epochs of four steps, but for what a test makes otherwise.
private struct Kind: Sendable {
    var optimizer: @Sendable ([Parameter]) -> Optimizer
    var sampler: WeightedRandomSampler?
    var bounds: [Int]?
    var dropouts: [Float] = [0.1, 0.1]
    var isDoubled = false
    var normalizes: Normalizing?

    init(rate: LearningRate = 0.1, _ change: (inout Kind) -> Void = { _ in }) {
        optimizer = { SGD($0, learningRate: rate) }
        change(&self)
    }

    private final class Network: Cell {
        let one = Dense(2, 2)
        let norm: BatchNorm?
        let other = Dense(2, 2)
        let kind: Kind

        init(_ kind: Kind) {
            self.kind = kind
            norm = kind.normalizes.map { $0 == .byRank ? BatchNorm1d(2) : SyncBatchNorm(2) }
        }

        func construct(_ x: Symbol) -> Symbol {
            var hidden = one(x).dropped(kind.dropouts[0], stream: 0)
            if let norm { hidden = norm(hidden) }
            let y = other(hidden.dropped(kind.dropouts[1], stream: 1))
            return kind.isDoubled ? y * 2 : y
        }
    }

    private var data: DataLoader {
        get throws {
            let samples = TensorDataset(
                ["x", "y"].map { ($0, Tensor((0..<32).map { Float($0 % 7) / 7 }, shape: [16, 2])) })
            let buckets = bounds.map {
                LengthBuckets(columns: ["x"], lengths: Array(repeating: 2, count: 16), bounds: $0)
            }
            return try DataLoader(samples, batchSize: 4, sampler: sampler, buckets: buckets)
        }
    }

    /// Trains, and returns what it carried on with otherwise.
    func train(
        _ epochs: Int, on disk: MemoryFileSystem, in world: any Communicator = SoloCommunicator()
    ) throws -> [SettingChange] {
        let network = Network(self)
        let model = Model(
            network, lossFn: MSELoss(), optimizer: optimizer(network.trainableParameters), world: world)
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], savesCompleted: true, files: disk)
        var changes: [SettingChange] = []
        let note = LambdaCallback(onTrainBegin: { changes = $0.resumed?.changes ?? [] })
        try model.train(epochs, data, callbacks: [exit, note])
        return changes
    }
}
