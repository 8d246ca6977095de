import Checkpoints
public import Ciphers
import Execution
import Files
public import Foundation
public import Graphs
import Memory
public import MindIR
public import SystemPackage
public import Tensors

/// Models in a directory of their own, for `Tests/MindSpore/mindir.py` to load and run, or to write.
public final class MindSporeModels {
    /// A tensor whose bytes are in a file.
    public struct StoredTensor: Codable {
        let dtype: String
        let shape: [Int]
        let path: String
    }

    private struct Run: Codable {
        let inputs: [StoredTensor]
        let outputs: [StoredTensor]
    }

    private struct Model: Codable {
        let path: String
        let floor: Float
        let mode: String?
        let keyHex: String?
        let runs: [Run]
    }

    /// Where the models and tensors lie.
    public let directory: FilePath

    private var models: [Model] = []
    private var tensorCount = 0

    /// Makes the directory.
    public init() throws {
        directory = FilePath(NSTemporaryDirectory()).appending("mindir-\(UUID().uuidString)")
        try LocalFileSystem().createDirectory(directory)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory.string)
    }

    /// Writes a model, plain or encrypted, and what MindSpore should compute with it: the outputs of these graphs.
    public func add(
        _ model: MindIRModel, named name: String, runs: [(graph: Graph, inputs: [Tensor])], floor: Float = 0,
        externalLimit: Int = MindIRModel.externalLimit, key: (mode: EncryptionMode, bytes: [UInt8])? = nil
    ) throws {
        let encryption = try key.map { try Encryption(key: try EncryptionKey($0.bytes.span), mode: $0.mode) }
        let path = try model.save(as: name, in: directory, externalLimit: externalLimit) { file, path in
            guard let encryption else { return file }
            return EncryptingFile(file, path: path, encryption: encryption)
        }
        try add(fileAt: path, runs: runs, floor: floor, key: key)
    }

    /// Notes a file, and what MindSpore should compute with it.
    public func add(
        fileAt path: FilePath, runs: [(graph: Graph, inputs: [Tensor])], floor: Float = 0,
        key: (mode: EncryptionMode, bytes: [UInt8])? = nil
    ) throws {
        let stored = try runs.map { run in
            let outputs = try run.graph.evaluated(run.inputs)
            return Run(inputs: try run.inputs.map(store), outputs: try outputs.map(store))
        }
        models.append(
            Model(
                path: path.string, floor: floor, mode: key?.mode.rawValue,
                keyHex: key.map { $0.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() },
                runs: stored))
    }

    /// Has MindSpore load and run all models; returns what it printed if something was wrong.
    public func run() throws -> String? {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try encoder.encode(models).write(to: url("models.json"))
        return try mindir("run")
    }

    /// Runs the script; returns what it printed if it found mistakes.
    public func mindir(_ command: String) throws -> String? {
        try MindSporeScript("mindir.py").run([command, directory.string])
    }

    /// The place of a file in the directory.
    public func url(_ name: String) -> URL { URL(filePath: directory.appending(name).string) }

    /// The tensor that the script has stored.
    public func tensor(_ stored: StoredTensor) throws -> Tensor {
        let data = try Data(contentsOf: url(stored.path))
        let type: ElementType = stored.dtype == "int32" ? .int32 : .float32
        let tensor = Tensor(zeros: Shape(stored.shape), elementType: type)
        var bytes = tensor.bytes.mutableSpan
        for (index, byte) in data.enumerated() { bytes[index] = byte }
        return tensor
    }

    private func store(_ tensor: Tensor) throws -> StoredTensor {
        let path = "\(tensorCount).bin"
        tensorCount += 1
        let bytes = tensor.bytes.span
        try Data(bytes.indices.map { bytes[$0] }).write(to: url(path))
        let dtype = tensor.elementType == .int32 ? "int32" : "float32"
        return StoredTensor(dtype: dtype, shape: tensor.shape.dimensions, path: path)
    }
}

extension Graph {
    /// Runs it once with these inputs; the outputs are copies.
    public func evaluated(_ inputs: [Tensor]) throws -> [Tensor] {
        let program = Program(self, on: CPUBackend())
        for (input, tensor) in zip(program.inputs, inputs) { input.copy(from: tensor) }
        try program.run()
        return program.outputs.map { output in
            let copy = Tensor(zeros: output.shape, elementType: output.elementType)
            copy.copy(from: output)
            return copy
        }
    }
}

/// A float32 tensor of random numbers in -1..<1, the same in every run.
public func random(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    let tensor = Tensor(zeros: shape)
    tensor.fillUniform(in: -1..<1, random: RandomSource(seed: seed, name: "\(shape)"))
    return tensor
}
