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
        let sources = try parameters.map { parameter in
            let source = try source(of: parameter.name)
            guard let found = source.tensorType else { throw LoadError.missing(path, name: parameter.name) }
            guard found == parameter.type else {
                throw LoadError.otherType(name: parameter.name, found: "\(found)", expected: "\(parameter.type)")
            }
            return source.name
        }
        for (parameter, source) in zip(parameters, sources) {
            let bytes = parameter.tensor.bytes
            var span = bytes.mutableSpan
            try read(source, from: 0, into: &span)
            parameter.isInitialized = true
        }
    }

    /// The entry that a parameter is saved as.
    private func source(of name: String) throws -> CheckpointEntry {
        let found =
            entry(named: name) ?? entries.last { $0.name.withoutCacheKey.utf8.elementsEqual(name.utf8) }
        guard let entry = found else { throw LoadError.missing(path, name: name) }
        if case .foreign(let type) = entry.kind { throw FormatError.notSupported(name: name, path: path, type) }
        return entry
    }
}
