import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Layouts
import Memory
import Synchronization
import SystemPackage
import Tensors
import Testing

/// Split tensors on their way to rank 0, and what goes wrong on the way.
struct IntegratedSaveTests {
    private let disk = MemoryFileSystem()
    private var directory: CheckpointDirectory { CheckpointDirectory("/out", fileSystem: disk) }

    private static let faults: [FaultyFileSystem.Fault] = [.fails(.noSpace), .stopsHalfway(.ioError), .killsHalfway]

    /// Every file operation of rank 0, or of a sender, fails in turn: the old set stays or the new one is whole, and the
    /// thread world would say so if anybody waited for ever.
    @Test(arguments: [0, 2], faults) func aFaultLeavesNobodyWaiting(faultyRank: Int, fault: FaultyFileSystem.Fault)
        throws
    {
        let model = try MeshModel(on: MeshModel.meshes[3], seed: 21)
        let before = disk
        let directory = directory
        _ = try ThreadWorld.run(ranks: 4) { try model.save(.integrated, step: 1, to: directory, world: $0) }
        var position = 1
        while true {
            let disk = before.copy()
            let faulty = FaultyFileSystem(disk, fault, at: position)
            let outcomes = ThreadWorld.runCollecting(ranks: 4) { world in
                let isFaulty = world.rank == faultyRank
                return try model.save(
                    .integrated, step: 2,
                    to: CheckpointDirectory("/out", fileSystem: isFaulty ? faulty as any FileSystem : disk),
                    world: isFaulty ? MortalCommunicator(world, faulty) : world)
            }
            let published = outcomes.filter { (try? $0.get()) != nil }.count
            let place = Comment(rawValue: "\(position): \(faulty.faultyOperation ?? "no fault")")
            #expect(published == 0 || published == 4, place)
            for case .failure(let error) in outcomes {
                #expect(!"\(error)".contains("wait for each other"), place)
            }
            let loaded = try ThreadWorld.run(ranks: 4) { world in
                let loaded = try model.load(from: CheckpointDirectory("/out", fileSystem: disk), world: world)
                return (loaded?.wrong, loaded?.step, loaded?.warnings)
            }
            for (wrong, step, warnings) in loaded {
                #expect(wrong == [] && warnings == [], place)
                #expect(published == 4 ? step == 2 : step == 1 || step == 2, place)
            }
            if faulty.faultyOperation == nil { break }
            position += 1
        }
        #expect(position > (faultyRank == 0 ? 20 : 2))
    }

    /// A sender that dies at its n-th call of the world, for every n.
    @Test func aSenderThatDiesStopsAllAndTheOldSetStays() throws {
        let model = try MeshModel(on: MeshModel.meshes[3], seed: 21)
        let directory = directory
        _ = try ThreadWorld.run(ranks: 4) { try model.save(.integrated, step: 1, to: directory, world: $0) }
        for limit in 0..<40 {
            let disk = disk.copy()
            let directory = CheckpointDirectory("/out", fileSystem: disk)
            let calls = Mutex(0)
            let outcomes = ThreadWorld.runCollecting(ranks: 4) { world in
                let mortal = MortalCommunicator(world) {
                    calls.withLock { calls in
                        calls += 1
                        return calls <= limit
                    }
                }
                return try model.save(.integrated, step: 2, to: directory, world: world.rank == 2 ? mortal : world)
            }
            for case .failure(let error) in outcomes { #expect(error is CollectiveError, "\(limit): \(error)") }
            guard outcomes.allSatisfy({ (try? $0.get()) == nil }) else { continue }
            let steps = try ThreadWorld.run(ranks: 1) { world in
                try MeshModel(on: MeshModel.meshes[0], seed: nil).load(from: directory, world: world)?.step
            }
            #expect(steps == [1] || steps == [2], "\(limit)")
        }
    }

    @Test func aSenderThatCannotWriteItsOwnFilesStopsAllBeforeAnythingIsSent() throws {
        let model = try MeshModel(on: MeshModel.meshes[3], seed: 21)
        let directory = directory
        let error = FileError("write", "/out/x", .noSpace)
        let outcomes = ThreadWorld.runCollecting(ranks: 4) { world in
            let companion = CheckpointFile("rank_\(world.rank)/x", role: .companion) { _ in
                if world.rank == 3 { throw error }
            }
            return try model.save(.integrated, to: directory, world: world, companion: companion)
        }
        for outcome in outcomes {
            #expect(throws: RankFailure(rank: 3, reason: error.description)) { try outcome.get() }
        }
        #expect(try directory.list().manifests.isEmpty)
        #expect(try disk.names(in: "/out/rank_0") == [])
    }

    /// What was on its way when rank 0 could not write any more is taken: none of it turns up in the next file.
    @Test(arguments: 1...4) func afterAFailedWriteTheNextSaveIsWhole(failingWrite: Int) throws {
        let disk = disk
        let mesh = try DeviceMesh(["dp": 2, "tp": 2])
        _ = try ThreadWorld.run(ranks: 4) { world in
            let local = Tensor(zeros: [64, 32])
            let parameter = try ShardedParameter("w", whole: [64, 64], mesh.layout(nil, "tp"), local: local)
            let plan = SavePlan(
                .integrated, named: "net", [parameter], mesh: mesh, world: world, bufferByteCount: 1024)
            local.fill(with: 1)
            let faulty = FaultyFileSystem(disk, .fails(.noSpace), at: 1 + failingWrite)
            let file = world.rank == 0 ? try faulty.create("/a.ckpt") : nil
            if world.rank == 0 {
                #expect(throws: FormatError.file(FileError("write", "/a.ckpt", .noSpace))) {
                    try plan.gathered[0].write(file)
                }
            } else {
                try plan.gathered[0].write(file)
            }
            local.fill(with: 2)
            try plan.gathered[0].write(world.rank == 0 ? disk.create("/b.ckpt") : nil)
        }
        let values = try CkptReader(file: disk.open("/b.ckpt")).tensor("w").elements(of: Float.self)
        #expect(values.count == 64 * 64 && values.allSatisfy { $0 == 2 })
    }

    /// A tensor of 256 KiB in pieces of at most 4 KiB: neither a write nor a message is larger, whatever the layout.
    @Test(arguments: 0..<6) func noBufferIsLargerThanItMayBe(layout: Int) throws {
        let limit = 4096
        let mesh = try DeviceMesh(["dp": 2, "tp": 2])
        let layouts = [
            try mesh.layout(nil, "tp"), try mesh.layout("tp", nil), try mesh.layout("dp", "tp"),
            try mesh.layout(["tp", "dp"], nil), try mesh.layout(nil, ["dp", "tp"]),
            try mesh.layout(nil, "tp").with(.everyReplica),
        ]
        let recorder = Recorder()
        let contents = try ThreadWorld.run(ranks: 4) { world in
            let sharding = try TensorSharding(of: [64, 1024], layouts[layout])
            let local = Tensor(zeros: Shape(sharding.shardShape))
            local.fill(with: Float(world.rank))
            let parameter = try ShardedParameter("w", whole: [64, 1024], layouts[layout], local: local)
            let plan = SavePlan(
                .integrated, named: "net", [parameter], mesh: mesh,
                world: MortalCommunicator(world, onSend: recorder.noteMessage) { true }, bufferByteCount: limit)
            let file = RecordingFile(recorder)
            try plan.gathered[0].write(world.rank == 0 ? file : nil)
            return file.byteCount
        }
        #expect(contents[0] > 64 * 1024 * 4)
        #expect(recorder.largestWrite == limit)
        #expect((1...limit).contains(recorder.largestMessage))
        #expect(recorder.sentByteCount < 64 * 1024 * 4)
    }
}
