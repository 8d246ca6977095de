import Checkpoints
import Ciphers
import Files
import Foundation
import Glibc
import Graphs
import MPITestKit
import Memory
import MindIR
import MindSporeTestKit
import Models
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

extension MPITests.TrainerTests {
    /// A GPT that ranks share, as MindIR: left by a stop, exported afterwards, and run by real MindSpore.
    @Suite struct NetworkFileTests {
        private static let sizes = GPTSizes(layers: 1, width: 32, heads: 2, length: 16, dropout: 0.1)
        private static let options = [
            "--model", "gpt", "--layers", "1", "--width", "32", "--heads", "2", "--length", "16",
        ]

        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        private func stop(ranks: Int, tp: Int, _ more: [String] = []) throws -> TrainerRun.Stop {
            let run = TrainerRun(
                ranks: ranks,
                arguments: ["train", "--directory", folder.out.string, "--steps", "100000", "--tp", "\(tp)"]
                    + Self.options + more)
            let running = try run.start()
            let rank = try running.process(ofRank: ranks - 1)
            try running.wait(until: "rank \(ranks - 1) heard signals") { rank.catches(SIGTERM) }
            rank.send(SIGTERM)
            return try run.end(of: running)
        }

        private func export(_ arguments: [String]) throws -> String {
            try TrainerRun(ranks: 1, arguments: ["export"] + Self.options + arguments).finish()
        }

        /// The network of the set, whole.
        private func restored(key: EncryptionKey? = nil) throws -> GPT {
            let model = Model(GPT(Self.sizes), lossFn: GPTLoss())
            try #require(try model.loadNetwork(named: "GPT_train", in: folder.out, key: key) != nil)
            return try #require(model.network as? GPT)
        }

        private func expectSame(_ path: FilePath, as network: GPT, key: EncryptionKey? = nil) throws {
            let other = GPT(Self.sizes)
            #expect(try loadMindIR(path, into: other, key: key) == [])
            for (one, other) in zip(network.parameters, other.parameters) {
                let isSame = one.tensor.elements(of: Float.self) == other.tensor.elements(of: Float.self)
                #expect(isSame, "\(one)")
            }
        }

        @Test(arguments: [(2, 2), (4, 2), (2, 1)])
        func aStopLeavesTheWholeNetworkWithTheParametersOfTheCheckpoint(ranks: Int, tp: Int) throws {
            let stop = try stop(ranks: ranks, tp: tp)
            let manifest = try #require(try CheckpointDirectory(folder.out).manifest(named: "GPT_train"))
            try CheckpointDirectory(folder.out).verify(manifest)
            #expect(manifest.checkpoint.progress.step == stop.step)
            let networks = manifest.files.filter { $0.role == .network }.map(\.path)
            #expect(networks == (0..<(tp == 1 ? ranks : 1)).map { "rank_\($0)/GPT_train.mindir" })
            #expect(leftovers(in: folder.out) == [])
            let network = try restored()
            for path in networks { try expectSame(folder.out.appending(path), as: network) }
        }

        @Test(.enabled(if: hasMindSpore)) func mindSporeRunsWhatAStopLeavesAndWhatIsExported() throws {
            _ = try stop(ranks: 2, tp: 2)
            let network = try restored()
            let models = try MindSporeModels()
            let texts = (0..<34).map { Int32($0 * $0 % 256) }
            let samples = [0, 1].map { Tensor(Array(texts[$0..<$0 + 32]), shape: [2, 16]) }
            try models.add(
                fileAt: folder.out.appending("rank_0/GPT_train.mindir"),
                runs: [(graph(of: network, withLoss: false), [samples[0]])])
            let manifest = folder.out.appending("GPT_train.manifest.json").string
            let loss = folder.path.appending("loss.mindir")
            _ = try export(["--from", manifest, "--output", loss.string, "--include-loss", "--batch-size", "2"])
            try models.add(fileAt: loss, runs: [(graph(of: network, withLoss: true), samples)])
            let outside = folder.path.appending("outside.mindir")
            _ = try export(["--from", manifest, "--output", outside.string, "--external-data-limit", "0"])
            try models.add(
                fileAt: folder.path.appending("outside_graph.mindir"),
                runs: [(graph(of: network, withLoss: false), [samples[1]])])
            let mistakes = try models.run()
            #expect(mistakes == nil)
        }

        @Test func encryptedSlicesAreExportedEncryptedOrPlain() throws {
            try folder.writeKey("0123456789abcdef", to: "key")
            let keyFile = folder.path.appending("key")
            _ = try stop(ranks: 2, tp: 2, ["--key-file", keyFile.string, "--no-save-mindir"])
            let key = try EncryptionKey.load(from: keyFile, in: LocalFileSystem())
            let network = try restored(key: key)
            let manifest = folder.out.appending("GPT_train.manifest.json").string
            let file = folder.url("out/rank_0/GPT_train.mindir").path(percentEncoded: false)
            #expect(!FileManager.default.fileExists(atPath: file))
            for form in [[], ["--plain"]] {
                let path = folder.path.appending(form.isEmpty ? "locked.mindir" : "plain.mindir")
                _ = try export(
                    ["--from", manifest, "--output", path.string, "--key-file", keyFile.string] + form)
                try expectSame(path, as: network, key: form.isEmpty ? key : nil)
            }
        }

        private func graph(of network: GPT, withLoss: Bool) -> Graph {
            let trace = Trace()
            let inputs = (0..<(withLoss ? 2 : 1)).map { trace.input("x\($0)", TensorType([2, 16], .int32)) }
            let logits = network(inputs[0])
            return trace.finish(outputs: [withLoss ? GPTLoss().construct(logits, inputs[1]) : logits])
        }
    }
}
