import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import CollectivesTestKit
import Datasets
import Files
import Graphs
import MindIR
import Models
import Networks
import SystemPackage
import Tensors
import Testing

@testable import Runs
@testable import Training

/// What OnRequestExit leaves as MindIR, on several ranks in memory.
@Suite struct NetworkExportTests {
    private func run(_ run: ExportingRun) throws {
        for outcome in run.outcomes() { try outcome.get() }
    }

    @Test(arguments: [(1, 1), (4, 1), (1, 2), (2, 2)], [MindIRModel.externalLimit, 0])
    func filesHoldTheParametersOfTheCheckpointBitForBit(mesh: (dp: Int, tp: Int), externalLimit: Int) throws {
        let run = ExportingRun(dp: mesh.dp, tp: mesh.tp, mindIR: MindIROptions(externalLimit: externalLimit))
        try self.run(run)
        let manifest = try #require(try run.manifest())
        let networks = manifest.files.filter { $0.role == .network }
        let names =
            externalLimit == 0 ? ["GPT_train_variables/data_0", "GPT_train_graph.mindir"] : ["GPT_train.mindir"]
        // Where ranks share the network, rank 0 writes the whole one.
        let writers = Array(0..<(mesh.tp == 1 ? mesh.dp : 1))
        #expect(networks.map(\.path) == writers.flatMap { rank in names.map { "rank_\(rank)/\($0)" } })
        #expect(networks.map(\.rank) == writers.flatMap { rank in names.map { _ in rank } })
        #expect(manifest.files.filter { $0.role == .state }.count == mesh.dp * mesh.tp)
        try CheckpointDirectory(ExportingRun.directory, fileSystem: run.disk).verify(manifest)

        let restored = try run.restoredNetwork()
        for rank in writers {
            let path = ExportingRun.directory.appending("rank_\(rank)/\(names.last ?? "")")
            let network = run.newNetwork()
            #expect(try loadMindIR(path, into: network, in: run.disk) == [])
            for (one, other) in zip(network.parameters, restored.parameters) {
                let isSame = one.tensor.elements(of: Float.self) == other.tensor.elements(of: Float.self)
                #expect(isSame, "\(one) on rank \(rank)")
            }
        }
    }

    @Test(arguments: [1, 2]) func encryptedNetworksNeedTheKeyOfTheCheckpoint(tp: Int) throws {
        let key = try EncryptionKey([UInt8](repeating: 7, count: 24).span)
        let run = ExportingRun(tp: tp, form: try CheckpointForm(encryption: Encryption(key: key)))
        try self.run(run)
        let path = ExportingRun.directory.appending("rank_0/GPT_train.mindir")
        let network = run.newNetwork()
        #expect(throws: FormatError.encryption(path: path, .keyMissing)) {
            try loadMindIR(path, into: network, in: run.disk)
        }
        try loadMindIR(path, into: network, key: key, in: run.disk)
        for (one, other) in zip(network.parameters, try run.restoredNetwork(key: key).parameters) {
            let isSame = one.tensor.elements(of: Float.self) == other.tensor.elements(of: Float.self)
            #expect(isSame, "\(one)")
        }
    }

    @Test(arguments: [1, 2]) func batchAndLossAreAsTheOptionsSay(tp: Int) throws {
        func reader(_ options: MindIROptions) throws -> MindIRReader {
            let run = ExportingRun(tp: tp, mindIR: options)
            try self.run(run)
            return try openMindIR(ExportingRun.directory.appending("rank_0/GPT_train.mindir"), in: run.disk)
        }
        let plain = try reader(MindIROptions())
        #expect(plain.inputs.map(\.dimensions) == [[-1, 8]] && plain.outputs.map(\.dimensions) == [[-1, 32]])
        #expect(plain.graphName == "GPT")
        let loss = try reader(MindIROptions(batch: .samples(3), includesLoss: true))
        #expect(loss.inputs.map(\.dimensions) == [[3, 8], [3, 8]] && loss.outputs.map(\.dimensions) == [[]])
    }

    @Test func aNetworkThatNeedsItsBatchIsExportedForThatOfAStep() throws {
        let columns = [
            DataColumn("x", shape: [2], elementType: .float32), DataColumn("y", shape: [2], elementType: .float32),
        ]
        func inputs(_ options: MindIROptions) throws -> [[Int]] {
            let export = try NetworkExport(BatchSums(), lossFn: MSELoss(), columns: columns, samples: 4, options)
            let disk = MemoryFileSystem()
            let files = try export.files(named: "net", world: SoloCommunicator(), encryption: nil)
            try disk.createDirectory("/rank_0")
            for file in files.own { try file.write(disk.create(FilePath("/").appending(file.path))) }
            return try openMindIR("/rank_0/net.mindir", in: disk).inputs.map(\.dimensions)
        }
        #expect(try inputs(MindIROptions()) == [[4, 2]])
        #expect(try inputs(MindIROptions(batch: .samples(7), includesLoss: true)) == [[7, 2], [7, 2]])
        #expect(throws: ExportError.self) { try inputs(MindIROptions(batch: .free)) }
        #expect(throws: ExportError.badBatch(0)) { try inputs(MindIROptions(batch: .samples(0))) }
    }

    @Test func aPartThatDoesNotKnowItsWholeIsRefusedBeforeTheFirstStep() throws {
        let run = ExportingRun(tp: 2)
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            let (gpt, placement) = try SmallGPT().network(dp: 1, tp: 2, rank: world.rank)
            try run.train(Wrapper(gpt), placement, world, run.disk)
        }
        for outcome in outcomes {
            let error = #expect(throws: RankFailure.self) { try outcome.get() }
            #expect(error.map { "\($0)" }?.contains("Wrapper is a part of a network") == true)
        }
        #expect(try run.manifest() == nil)
    }

    @Test func withoutACheckpointTheNetworkIsPublishedAlone() throws {
        let run = ExportingRun(dp: 2, tp: 2, savesCheckpoint: false)
        try self.run(run)
        #expect(try run.manifest() == nil)
        let manifest = try #require(try run.manifest("GPT_train.mindir"))
        #expect(manifest.files.map(\.path) == ["rank_0/GPT_train.mindir"])
    }

    /// One file operation of rank 0 fails, each in turn: every time both ranks throw, and nobody waits for ever.
    @Test func aFailureWhileARankGathersTheNetworkIsThrownByAll() throws {
        let failures = try ThreadWorld.run(ranks: 2) { world in
            let (network, _) = try SmallGPT().network(dp: 1, tp: 2, rank: world.rank)
            let columns = [DataColumn("tokens", shape: [8], elementType: .int32)]
            let export = try NetworkExport(
                network, lossFn: nil, columns: columns, samples: 1, MindIROptions(externalLimit: 0))
            let files = try export.files(named: "GPT", world: world, encryption: nil)
            for position in 1... {
                let disk = FaultyFileSystem(
                    MemoryFileSystem(), .fails(.noSpace), at: world.rank == 0 ? position : 0)
                let publisher = CheckpointPublisher(CheckpointDirectory("/disk", fileSystem: disk), world: world)
                let outcome = Result { try publisher.publish(Self.set, files: files.own, gathered: files.gathered) }
                let hasFailed = if case .failure = outcome { 1 } else { 0 }
                let count = try world.allReduce(Int32(hasFailed), with: .sum)
                guard count != 1 else { throw RanksDisagree(operation: disk.faultyOperation ?? "on rank 0") }
                let isOver = try world.allReduce(Int32(disk.faultyOperation == nil ? 0 : 1), with: .maximum) == 0
                if isOver { return position }
            }
            return 0
        }
        #expect(failures[0] > 10)
    }

    private static let set = CheckpointSet(
        name: "GPT", kind: .integrated,
        progress: TrainingProgress(
            epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
            finished: false),
        cause: SaveCause("a test"), mesh: [], model: "GPT")
}

/// A failure that not all ranks have heard of.
private struct RanksDisagree: Error {
    let operation: String
}

/// A network whose result depends on the size of the batch.
private final class BatchSums: Cell {
    func construct(_ x: Symbol) -> Symbol { x * Float(x.shape[0]) }
}

/// A network around another one that only its author knows.
private final class Wrapper: Cell {
    let gpt: GPT

    init(_ gpt: GPT) {
        self.gpt = gpt
    }

    func construct(_ x: Symbol) -> Symbol { gpt(x) }
}
