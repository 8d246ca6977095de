import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import CollectivesTestKit
import Files
import Layouts
import Memory
import Synchronization
import SystemPackage
import Tensors
import Testing

/// Sets are verified while they are loaded.
struct VerifiedLoadTests {
    private let disk = MemoryFileSystem()

    private func directory(on disk: any FileSystem) -> CheckpointDirectory {
        CheckpointDirectory("/out", fileSystem: disk)
    }

    private static func set(_ plan: SavePlan) -> CheckpointSet {
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
            finished: false)
        return CheckpointSet(
            name: "net", kind: .integrated, progress: progress, cause: SaveCause("a test"), mesh: plan.mesh, model: "M",
            parameters: plan.records)
    }

    /// Whichever byte of whichever kind of file is damaged, all ranks fall back to the older set, all of it.
    @Test(arguments: [CheckpointFormatCase.ckpt, .safetensors, .encrypted])
    func noDamagedByteIsLoaded(format: CheckpointFormatCase) throws {
        let model = try MeshModel(on: MeshModel.meshes[1], seed: 5)
        let form = try format.form
        let folder = directory(on: disk)
        for (name, step) in [("net-1_1", 1), ("net-1_2", 2)] {
            _ = try ThreadWorld.run(ranks: 2) {
                try model.save(.sharded, named: name, step: step, to: folder, world: $0, form: form)
            }
        }
        let path = FilePath("/out/rank_1/net-1_2.\(form.fileFormat.rawValue)")
        let byteCount = try disk.open(path).byteCount
        for position in stride(from: 0, to: byteCount, by: byteCount / 60) {
            let disk = disk.copy()
            disk.damage(path, at: position)
            let loaded = try ThreadWorld.run(ranks: 2) { world in
                let loaded = try model.load(from: directory(on: disk), world: world, key: form.encryption?.key)
                return (loaded?.wrong, loaded?.step, loaded?.warnings.count)
            }
            for (wrong, step, warnings) in loaded {
                #expect(wrong == [] && step == 1 && warnings == 1, "byte \(position)")
            }
        }
    }

    /// A storage that answers differently, once or from some time on, gets no wrong weights in, whichever read it is.
    @Test(
        arguments: [CheckpointFormatCase.ckpt, .safetensors, .encrypted],
        [FaultyFileSystem.Fault.lies, .liesFromThenOn])
    func whatWasVerifiedIsWhatIsLoaded(format: CheckpointFormatCase, fault: FaultyFileSystem.Fault) throws {
        let form = try format.form
        let key = form.encryption?.key
        // Of several pieces each, with a piece that both have a part of.
        let names = ["a", "b"]
        let saved = (0..<2).map { Tensor([Float](repeating: Float($0) + 0.5, count: 40_000), shape: [40_000]) }
        let world = SoloCommunicator()
        let plan = SavePlan(
            .integrated, named: "net", zip(names, saved).map { ShardedParameter($0, $1) },
            extras: [("step_num", .integer(7))], mesh: try DeviceMesh(["dp": 1]), world: world, form: form)
        _ = try CheckpointPublisher(CheckpointDirectory("/out", fileSystem: disk, key: key), world: world).publish(
            Self.set(plan), files: plan.files, gathered: plan.gathered)
        var (refusals, operations) = (0, 0)
        for position in 1... {
            let faulty = FaultyFileSystem(disk, fault, at: position)
            let loaded = names.map { ShardedParameter($0, Tensor(zeros: [40_000])) }
            let restorer = CheckpointRestorer(
                CheckpointDirectory("/out", fileSystem: faulty, key: key), world: world,
                open: { try CheckpointFormats.open($0, key: key) })
            do {
                let restored = try restorer.restoreNewest(for: loaded)
                let step = try restored?.reader.state.integer("step_num")
                guard let operation = faulty.faultyOperation else { break }
                let isRight = zip(loaded, saved).allSatisfy { $0.local.contents == $1.contents } && step == 7
                #expect(isRight, "\(operation)")
            } catch {
                refusals += 1
            }
            operations += 1
        }
        #expect(refusals > 4 && operations > 10)
    }

    /// One rank verifies a file, and the storage of another one's host gives that one other bytes.
    @Test(arguments: [CheckpointFormatCase.ckpt, .encrypted])
    func ranksThatAreGivenDifferentBytesRefuseThem(format: CheckpointFormatCase) throws {
        let model = try MeshModel(on: MeshModel.meshes[2], seed: 5)
        let form = try format.form
        let key = form.encryption?.key
        _ = try ThreadWorld.run(ranks: 2) {
            try model.save(
                .integrated, to: CheckpointDirectory("/out", fileSystem: disk, key: key), world: $0, form: form)
        }
        for rank in 0..<2 {
            let other = disk.copy()
            // Within the first tensor, of which each rank has a part.
            for position in 600..<700 { other.damage("/out/rank_0/net.ckpt", at: position) }
            let errors = try ThreadWorld.run(ranks: 2) { world in
                let disk = world.rank == rank ? other : disk
                let directory = CheckpointDirectory("/out", fileSystem: disk, key: key)
                return Result { _ = try model.load(from: directory, world: world, key: key) }.failureText
            }
            #expect(errors.allSatisfy { $0?.contains("is not used") == true }, "\(errors)")
        }
    }

    @Test func verifyingReadsNoByteTwice() throws {
        let whole = Tensor(zeros: [512, 1024])
        let mesh = try DeviceMesh(["dp": 1])
        let parameters = [ShardedParameter("a", whole), ShardedParameter("b", whole)]
        let world = SoloCommunicator()
        let plan = SavePlan(.integrated, named: "net", parameters, mesh: mesh, world: world)
        _ = try CheckpointPublisher(directory(on: disk), world: world).publish(Self.set(plan), files: plan.files)
        let opened = try disk.open("/out/rank_0/net.ckpt")
        let counting = Mutex<CountingFile?>(nil)
        let restorer = CheckpointRestorer(directory(on: disk), world: world) { file in
            let file = CountingFile(file)
            counting.withLock { $0 = file }
            return try CkptReader(file: file)
        }
        // In the order of the run, which is not that of the file.
        #expect(try restorer.restoreNewest(for: parameters.reversed()) != nil)
        let bytesRead = try #require(counting.withLock { $0 }).bytesRead
        #expect(bytesRead >= 2 * whole.bytes.count && bytesRead < opened.byteCount + 64 << 10)
    }
}

extension Result {
    /// What was thrown, in words; nil if nothing was.
    fileprivate var failureText: String? {
        guard case .failure(let error) = self else { return nil }
        return "\(error)"
    }
}

/// A form of files, by name.
enum CheckpointFormatCase: String, CaseIterable {
    case ckpt, safetensors, encrypted

    var form: CheckpointForm {
        get throws {
            switch self {
            case .ckpt: return .plain
            case .safetensors: return try CheckpointForm(.safetensors)
            case .encrypted:
                let key = try EncryptionKey([UInt8](repeating: 3, count: 32).span)
                return try CheckpointForm(encryption: Encryption(key: key, mode: .aesCBC))
            }
        }
    }
}
