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

/// Sets are verified while they are loaded.
struct VerifiedLoadTests {
    private let disk = MemoryFileSystem()

    private func directory(on disk: any FileSystem) -> CheckpointDirectory {
        CheckpointDirectory("/out", fileSystem: disk)
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
        let path = FilePath("/out/rank_1/net-1_2.\(form.format.fileExtension)")
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

    @Test func verifyingReadsNoByteTwice() throws {
        let whole = Tensor(zeros: [512, 1024])
        let mesh = try DeviceMesh(["dp": 1])
        let parameters = [ShardedParameter("a", whole), ShardedParameter("b", whole)]
        let world = SoloCommunicator()
        let plan = SavePlan(.integrated, named: "net", parameters, mesh: mesh, world: world)
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
            finished: false)
        let set = CheckpointSet(
            name: "net", kind: .integrated, progress: progress, cause: SaveCause("a test"), mesh: plan.mesh, model: "M",
            parameters: plan.records)
        _ = try CheckpointPublisher(directory(on: disk), world: world).publish(set, files: plan.files)
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

/// A form of files, by name.
enum CheckpointFormatCase: String, CaseIterable {
    case ckpt, safetensors, encrypted

    var form: CheckpointForm {
        get throws {
            switch self {
            case .ckpt: return CheckpointForm()
            case .safetensors: return CheckpointForm(SafetensorsFormat())
            case .encrypted:
                let key = try EncryptionKey([UInt8](repeating: 3, count: 32).span)
                return CheckpointForm(encryption: try Encryption(key: key, mode: .aesCBC))
            }
        }
    }
}
