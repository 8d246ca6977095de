public import Checkpoints
public import Graphs
import Memory
import Tensors

extension CheckpointReader {
    /// Reads the values of parameters straight to where they belong, so that none is in memory twice.
    ///
    /// All of them are looked for first: if one is missing or of another type, nothing is read and none has changed.
    ///
    /// - Throws: ``LoadError``; `FormatError`.
    public func load(into parameters: [Parameter]) throws {
        for parameter in parameters {
            guard let found = entry(named: parameter.name)?.tensorType else {
                throw LoadError.missing(path, name: parameter.name)
            }
            guard found == parameter.type else {
                throw LoadError.otherType(name: parameter.name, found: "\(found)", expected: "\(parameter.type)")
            }
        }
        for parameter in parameters {
            let bytes = parameter.tensor.bytes
            var span = bytes.mutableSpan
            try read(parameter.name, from: 0, into: &span)
            parameter.isInitialized = true
        }
    }
}
