import Checkpoints
import Ciphers
import Collectives
import Files
import Foundation
import Memory
import SystemPackage
import Tensors

/// The tensors of `bench checkpoint` and the files they are loaded from, in a directory of their own.
final class CheckpointContest {
    /// What each contestant saves and loads: 400 MB.
    static let byteCount = 16 * tensorByteCount

    static let tensorByteCount = 2500 * 2500 * 4
    static let modelName = "bench"

    let files = LocalFileSystem()
    let directory: FilePath
    let peers: PeerProcess
    let encryption: Encryption

    /// What is saved.
    let tensors: [(name: String, tensor: Tensor)]

    /// Memory of the same size that has been used before.
    let targets: [Tensor]

    init(in parent: FilePath, beside peers: PeerProcess) throws {
        self.peers = peers
        directory = parent.appending("lockstep-bench-\(ProcessInfo.processInfo.processIdentifier)")
        tensors = (0..<16).map { ("tensor_\($0)", Self.tensor(filledWith: Float($0) + 0.5)) }
        targets = tensors.map { _ in Self.tensor(filledWith: 0) }
        // The key of checkpoint_peers.py: each loads what the other saved.
        encryption = try Encryption(key: EncryptionKey(Array(0..<32).span))
        try files.createDirectory(directory)
        try makeFiles()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory.string)
    }

    private static func tensor(filledWith value: Float) -> Tensor {
        let tensor = Tensor(zeros: [2500, 2500])
        var values = tensor.slice(of: Float.self).mutableSpan
        for index in values.indices { values[index] = value }
        return tensor
    }

    var plain: FilePath { directory.appending("plain.bin") }
    var ckpt: FilePath { directory.appending("rank_0").appending("bench.ckpt") }
    var safetensors: FilePath { directory.appending("bench.safetensors") }
    var encrypted: FilePath { directory.appending("encrypted.ckpt") }
    var torch: FilePath { directory.appending("bench.pt") }

    var sets: CheckpointDirectory { CheckpointDirectory(directory) }

    /// Makes what is loaded, and waits until the disk has it, so that it does not write while others are timed.
    private func makeFiles() throws {
        let plain = try files.create(plain)
        for (_, tensor) in tensors { try plain.write(tensor.bytes.span) }
        // For those that do not begin at the first byte.
        try plain.write([UInt8](repeating: 0, count: 64).span)
        try plain.close()
        try save(to: safetensors, as: SafetensorsFormat())
        try save(to: encrypted, as: CkptFormat(), encryption)
        if peers.installed.contains("torch") { _ = try peers.run("save", "torch", torch) }
        let records = tensors.map {
            ParameterRecord(name: $0.name, elementType: "Float32", shape: $0.tensor.shape.dimensions)
        }
        let file = CheckpointFile("rank_0/bench.ckpt") { [tensors] in
            try Self.write(tensors, to: $0, as: CkptFormat())
        }
        _ = try CheckpointPublisher(sets, world: SoloCommunicator()).publish(Self.set("bench", records), files: [file])
        sync()
    }

    /// Describes a set of these parameters.
    static func set(_ name: String, _ parameters: [ParameterRecord]) -> CheckpointSet {
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
            finished: false)
        return CheckpointSet(
            name: name, kind: .integrated, progress: progress, cause: SaveCause("a measurement"),
            mesh: [MeshAxis("dp", size: 1)], model: modelName, parameters: parameters)
    }

    /// Saves the tensors as a run does: with the checksum for the manifest, and with a key its code, too.
    func save(to path: FilePath, as format: any CheckpointFormat, _ encryption: Encryption? = nil) throws {
        var file: any WritableFile = RecordedFile(
            try files.create(path), at: path.lastComponent?.string ?? "", of: "bench", key: encryption?.key)
        if let encryption { file = EncryptingFile(file, path: path, encryption: encryption) }
        try Self.write(tensors, to: file, as: format)
        try file.close()
    }

    private static func write(
        _ tensors: [(name: String, tensor: Tensor)], to file: any WritableFile, as format: any CheckpointFormat
    ) throws {
        let entries = tensors.map { CheckpointEntry($0.name, .tensor($0.tensor.type)) }
        let writer = try format.writer(to: file, of: entries)
        for index in try format.order(of: entries) {
            try writer.write(tensors[index].name, tensors[index].tensor)
        }
        try writer.finish()
    }
}
