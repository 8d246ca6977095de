import Checkpoints
import CheckpointsTestKit
import Datasets
import Files
import Records
import SystemPackage
import Testing

@testable import Runs
@testable import Training

/// The order of samples in a run that carries on.
struct ShufflingTests {
    private let run = SavingRun()

    private func loader() throws -> DataLoader {
        try DataLoader(smallLoader(steps: 6, batchSize: 4).dataset, batchSize: 4, shuffle: true)
    }

    /// Trains two epochs, or until an error after a step; returns the samples of each step.
    private func samples(stoppingAfter last: Int? = nil) throws -> [[Int]] {
        var samples: [[Int]] = []
        let watch = Actor(.trainStepEnd) { context in
            samples.append(Array(context.originalArgs().trainSamples))
            if context.position.step == last { throw Boom() }
        }
        let exit = try OnRequestExit(saveMindIR: false, directory: output.string, signals: [], files: run.disk)
        let config = try CheckpointConfig(saveCheckpointSteps: 1)
        do {
            try smallModel().train(2, loader(), callbacks: [exit, run.checkpoint(config), watch])
            #expect(last == nil)
        } catch is Boom {}
        return samples
    }

    private func order(_ shuffling: Shuffling) throws -> [[Int]] {
        let loader = try loader()
        return try (1...2).flatMap { epoch in
            let order = Array(try self.loader().order(ofEpoch: epoch, seed: 0, shuffling: shuffling))
            return (1...loader.stepsPerEpoch).map { Array(order[loader.range(step: $0, rank: 0, of: 1)]) }
        }
    }

    private func manifestPath(of name: String) -> FilePath { output.appending("\(name).manifest.json") }

    private func changeManifests(_ text: String, to other: String) throws {
        for name in try run.sets() {
            let path = manifestPath(of: name)
            let json = String(decoding: try run.disk.contents(of: path, limit: 1 << 20), as: UTF8.self)
            try #require(json.contains(text))
            let pieces = json.split(separator: text, omittingEmptySubsequences: false)
            try run.disk.replaceContents(of: path, with: Array(pieces.joined(separator: other).utf8))
        }
    }

    @Test func aRunCarriesOnInTheOrderThatItWasBegunWith() throws {
        #expect(try samples(stoppingAfter: 4) == Array(order(.fisherYates)[..<4]))
        try changeManifests(#""shuffling" : "fisher-yates""#, to: #""shuffling" : "feistel""#)
        #expect(try samples(stoppingAfter: 9) == Array(order(.feistel)[4..<9]))
        // What it saves then says so too.
        #expect(try samples() == Array(order(.feistel)[9...]))
    }

    @Test func aSetFromBeforeThereWasAChoiceCarriesOnInTheOldOrder() throws {
        #expect(try samples(stoppingAfter: 4).count == 4)
        try changeManifests(#""shuffling" : "fisher-yates","#, to: "")
        #expect(try samples() == Array(order(.fisherYates)[4...]))
    }
}
