import Checkpoints
import Collectives
import Files
import Graphs
import Memory
import Networks
import Tensors

/// What a checkpoint of a run holds, on its way to a file and back.
struct TrainingState {
    /// The network's parameters, then the optimizer's state.
    let parameters: [Parameter]

    /// Small values that follow them: `epoch_num`, `step_num`, ….
    let extras: [(name: String, value: CheckpointValue)]

    /// Writes everything as `.ckpt`.
    func write(to file: any WritableFile) throws {
        let writer = CkptWriter(to: file)
        for parameter in parameters { try writer.write(parameter.name, parameter.tensor) }
        for extra in extras { try writer.write(extra.name, extra.value) }
        try writer.finish()
    }
}

extension CheckpointReader {
    /// Reads every parameter by its name; entries that no parameter has are passed over.
    ///
    /// All types are compared before the first is read, so that parameters are loaded all or none.
    func load(into parameters: [Parameter]) throws {
        for parameter in parameters {
            guard let type = entry(named: parameter.name)?.tensorType else {
                throw FormatError.missing(name: parameter.name, path: path)
            }
            guard type == parameter.tensor.type else {
                throw FormatError.wrongKind(name: parameter.name, path: path, wanted: "\(parameter.tensor.type)")
            }
        }
        for parameter in parameters {
            let tensor = parameter.tensor
            var bytes = tensor.bytes.mutableSpan
            try read(parameter.name, from: 0, into: &bytes)
            parameter.isInitialized = true
        }
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
