import Checkpoints
import Collectives
import Files
import Graphs
import Memory
import Networks
import SystemPackage
import Tensors

/// What a checkpoint of a run holds, on its way to a file.
struct TrainingState: Sendable {
    /// The network's parameters, then the optimizer's state.
    let tensors: [NamedTensor]

    /// Small values that follow them: `epoch_num`, `step_num`, ….
    let extras: [(name: String, value: CheckpointValue)]

    init(_ parameters: [Parameter], extras: [(name: String, value: CheckpointValue)] = []) {
        self.init(parameters.map { NamedTensor(name: $0.name, tensor: $0.tensor) }, extras: extras)
    }

    init(_ tensors: [NamedTensor], extras: [(name: String, value: CheckpointValue)]) {
        self.tensors = tensors
        self.extras = extras
    }

    /// What a rank without a file writes.
    static let empty = TrainingState([NamedTensor](), extras: [])

    /// Writes everything in the format of `options`, encrypted if they say so; `path` is for errors.
    func write(to file: any WritableFile, path: FilePath, as options: CheckpointFileOptions) throws {
        guard let encryption = options.encryption else { return try write(plain: file, as: options) }
        let encrypting = EncryptingFile(file, path: path, encryption: encryption)
        try write(plain: encrypting, as: options)
        // It holds a block back until it is told that nothing follows.
        try encrypting.synchronize()
    }

    private func write(plain file: any WritableFile, as options: CheckpointFileOptions) throws {
        let values = tensors.map { ($0.name, .tensor($0.tensor)) } + extras
        let entries = values.map { name, value in value.entry(named: name) }
        let formatOptions = FormatOptions(crc: options.crcCheck, removeRedundancy: options.removeRedundancy)
        let writer = try options.format.format.writer(to: file, of: entries, options: formatOptions)
        for index in try options.format.format.order(of: entries, options: formatOptions) {
            try writer.write(values[index].0, values[index].1)
        }
        try writer.finish()
    }
}

/// A tensor under its name in a checkpoint.
struct NamedTensor: Sendable {
    let name: String
    let tensor: Tensor
}

extension TrainingState {
    /// What a rank writes of a state; nil if it writes no file.
    ///
    /// Every rank holds all parameters whole here. Where ranks hold slices, this is the one place that has to know.
    func share(of rank: Int, of ranks: Int, kind: CheckpointSet.Kind) -> TrainingState? {
        switch kind {
        case .replicated, .sharded: return self
        case .integrated: return rank == 0 ? self : nil
        case .deduplicated:
            // MindSpore's rule for ranks that hold the same: in the order of the names, the i-th goes to rank i mod n.
            let savers = tensors.map(\.name).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }).enumerated()
                .reduce(into: [:]) { $0[$1.element] = $1.offset % ranks }
            return TrainingState(tensors.filter { savers[$0.name] == rank }, extras: extras)
        }
    }
}

/// A place for a copy of a state, kept and used again, so that a run can go on while the copy is being written.
final class StateBuffer {
    private var tensors: [NamedTensor] = []

    /// Copies a state; the copy is valid until the next call.
    func copy(of state: TrainingState) -> TrainingState {
        let fits = tensors.elementsEqual(state.tensors) { $0.name == $1.name && $0.tensor.type == $1.tensor.type }
        if !fits {
            tensors = state.tensors.map { original in
                let tensor = Tensor(zeros: original.tensor.shape, elementType: original.tensor.elementType)
                return NamedTensor(name: original.name, tensor: tensor)
            }
        }
        for (copy, original) in zip(tensors, state.tensors) { copy.tensor.copy(from: original.tensor) }
        return TrainingState(tensors, extras: state.extras)
    }
}

extension Cell {
    /// A text that networks with the same parameters share: the type's name, and a checksum of names and types.
    var fingerprint: String {
        var checksum = Checksum()
        for parameter in parameters { checksum.update(Array("\(parameter)\n".utf8).span) }
        return "\(type(of: self)) with \(parameters.count) parameters (\(checksum.hexadecimal))"
    }
}
