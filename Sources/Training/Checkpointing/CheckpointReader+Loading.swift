import Checkpoints
import Graphs
import Memory
import Tensors

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
