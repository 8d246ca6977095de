import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Graphs
import Networks
import Records
import Runs
import Tensors
import Testing
import Training

/// One seed: of first values, of the order of samples, on record, and the same when a run is carried on.
struct OneSeedTests {
    private let disk = MemoryFileSystem()

    /// Trains one epoch of shuffled samples and returns their order and the weights before it.
    private func begin(seed: UInt64) throws -> (samples: [Int], weights: [Float]) {
        var samples: [Int] = []
        var weights: [Float] = []
        let network = SmallNetwork()
        let model = Model(
            network, lossFn: MSELoss(), optimizer: Momentum(network.parameters, learningRate: 0.1, momentum: 0.9),
            seed: seed)
        weights = network.parameters.flatMap { $0.tensor.elements(of: Float.self) }
        let watch = Actor(.trainStepEnd) { samples += $0.originalArgs().trainSamples }
        try model.train(1, Variant(isShuffled: true).data, callbacks: watch)
        return (samples, weights)
    }

    @Test func firstValuesAndTheOrderOfSamplesAreOfTheModelsSeed() throws {
        let (first, again, other) = try (begin(seed: 3), begin(seed: 3), begin(seed: 4))
        #expect(first.samples.sorted() == Array(0..<16) && first.samples != Array(0..<16))
        #expect(first.samples == again.samples && first.weights == again.weights)
        #expect(first.samples != other.samples && first.weights != other.weights)
    }

    @Test(arguments: [true, false])
    func itIsOnRecordAndAnotherIsRefusedUnlessItIsAllowed(isShuffled: Bool) throws {
        try Variant(seed: 5, isShuffled: isShuffled).train(1, on: disk)
        let set = try manifest().checkpoint
        #expect(set.progress.seed == 5 && set.record?.settings?["seed"] == "5")
        let other = Variant(seed: 6, isShuffled: isShuffled)
        let error = #expect(throws: ResumeError.self) { try other.train(2, on: disk) }
        #expect(
            error.map { "\($0)" }
                == "checkpoint Net_train was saved with other settings: seed is 6 and was 5; give what was given then, or "
                + "allow it by --allow-change seed")
        try other.train(2, on: disk, allowing: ["seed"])
        #expect(try manifest().checkpoint.progress.seed == 6)
    }

    /// Of samples in their own order, earlier versions have written seed 0.
    @Test func aSetOfAnEarlierVersionCarriesOn() throws {
        try Variant(seed: 5).train(1, on: disk)
        try change("\"seed\" : \"5\",", to: "\"seed\" : \"0\",", in: "progress")
        try Variant(seed: 5).train(2, on: disk)
        #expect(try manifest().checkpoint.progress.step == 8)
    }

    /// They could shuffle by a seed beside the model's; in that order this run cannot go on.
    @Test func aSetThatWasShuffledByAnotherSeedIsRefused() throws {
        try Variant(seed: 5, isShuffled: true).train(1, on: disk)
        try change("\"seed\" : \"5\",", to: "\"seed\" : \"1\",", in: "progress")
        #expect(throws: ResumeError.otherSeed(saved: 1, now: 5)) {
            try Variant(seed: 5, isShuffled: true).train(2, on: disk)
        }
    }

    @Test func ranksWithSeedsOfTheirOwnAreRefused() {
        let disk = disk
        let outcomes = ThreadWorld.runCollecting(ranks: 3) { world in
            _ = try Variant(seed: world.rank == 2 ? 1 : 0, batch: 6).train(1, on: disk, in: world)
        }
        for outcome in outcomes { #expect(throws: ModelError.differentSeeds(rank: 2)) { try outcome.get() } }
    }

    /// They would make other steps, and wait for each other.
    @Test func ranksWithFewerSamplesAreRefused() {
        let disk = disk
        let outcomes = ThreadWorld.runCollecting(ranks: 3) { world in
            _ = try Variant(batch: 6, sampleCount: world.rank == 1 ? 30 : 24).train(1, on: disk, in: world)
        }
        for outcome in outcomes { #expect(throws: ModelError.differentSamples(rank: 1)) { try outcome.get() } }
    }

    private func manifest() throws -> Manifest {
        try #require(try CheckpointDirectory(output, fileSystem: disk).manifest(named: "Net_train"))
    }

    private func change(_ text: String, to other: String, in part: String) throws {
        let path = output.appending("Net_train.manifest.json")
        let json = String(decoding: try disk.contents(of: path, limit: 1 << 20), as: UTF8.self)
        let start = try #require(json.range(of: "\"\(part)\" : {")).upperBound
        let place = try #require(json.range(of: text, range: start..<json.endIndex))
        try disk.replaceContents(of: path, with: Array(json.replacingCharacters(in: place, with: other).utf8))
    }
}
