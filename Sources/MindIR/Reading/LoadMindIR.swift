public import Files
public import Graphs
import Memory
public import SystemPackage
import Tensors

/// Loads the parameters of a `.mindir` file into those of a network by name; returns the names of what the network does
/// not have.
///
///     try loadMindIR("LeNet5.mindir", into: network.parameters)
///
/// - Throws: ``MindIRError/missing(name:path:)`` or ``MindIRError/wrongType(name:path:found:wanted:)`` for a parameter
///   of the network that the file does not have like this. Then none has changed.
@discardableResult
public func loadMindIR(
    _ path: FilePath, into parameters: [Parameter], in files: any FileSystem = LocalFileSystem()
) throws -> [String] {
    try MindIRReader(path, in: files).load(into: parameters)
}

extension MindIRReader {
    /// Loads parameters by name; returns the names of what was not asked for. See ``loadMindIR(_:into:in:)``.
    @discardableResult
    public func load(into parameters: [Parameter]) throws(MindIRError) -> [String] {
        for parameter in parameters {
            let found = try type(of: parameter.name)
            guard found == parameter.type else {
                throw .wrongType(name: parameter.name, path: path, found: found, wanted: parameter.type)
            }
        }
        for parameter in parameters {
            let bytes = parameter.tensor.bytes
            var span = bytes.mutableSpan
            try read(parameter.name, into: &span)
            parameter.isInitialized = true
        }
        let wanted = Set(parameters.map { ByteName($0.name) })
        return self.parameters.map(\.name).filter { !wanted.contains($0) }
    }
}
