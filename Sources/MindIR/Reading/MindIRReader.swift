public import Files
import Memory
public import SystemPackage
public import Tensors

/// A `.mindir` file open for reading: what is in it is known, parameters are read when asked for.
///
/// It reads the files that Lockstep and MindSpore write, far enough to show what they are and to load their parameters.
/// Whatever their size, no more of them is in memory than what is asked for.
public final class MindIRReader: Sendable {
    /// The path it was opened under.
    public let path: FilePath

    /// The name of the graph.
    public let graphName: String

    /// What the model takes, in order.
    public let inputs: [MindIRValue]

    /// What it returns, in order.
    public let outputs: [MindIRValue]

    /// How often each operator of MindSpore is applied.
    public let operators: [String: Int]

    /// Its parameters, in the order of the file.
    public let parameters: [MindIRParameter]

    private let places: [ByteName: Place]

    private struct Place {
        let type: TensorType
        let file: any ReadableFile
        let offset: Int
    }

    /// Opens a file that is not encrypted.
    public convenience init(_ path: FilePath, in files: any FileSystem = LocalFileSystem()) throws {
        try self.init(path) { try files.open($0) }
    }

    /// Opens a file; `open` opens it and those beside it that hold parameters, and may decrypt them.
    ///
    /// - Throws: ``MindIRError``, or what `open` throws.
    public init(_ path: FilePath, open: (FilePath) throws -> any ReadableFile) throws {
        let file = try open(path)
        let index = try ModelIndex(file)
        self.path = path
        graphName = index.graphName
        inputs = index.inputs
        outputs = index.outputs
        operators = index.operators
        parameters = index.parameters.map { MindIRParameter(name: $0.name, type: $0.type, location: $0.location) }
        var others: [ByteName: any ReadableFile] = [:]
        var places: [ByteName: Place] = [:]
        for parameter in index.parameters {
            var source = file
            if let location = parameter.location {
                source = try others[location] ?? openData(path.removingLastComponent().appending(location), open)
                others[location] = source
                try parameter.checkContents(in: source)
            }
            let place = Place(type: parameter.type, file: source, offset: parameter.range.lowerBound)
            guard places.updateValue(place, forKey: ByteName(parameter.name)) == nil else {
                throw MindIRError.damaged(path: path, offset: 0, .nameRepeated(name: parameter.name))
            }
        }
        self.places = places
    }

    /// Fills `bytes` with contents of a parameter from byte `offset` of them on.
    public func read(_ name: String, from offset: Int = 0, into bytes: inout MutableSpan<UInt8>) throws(MindIRError) {
        let place = try place(of: name)
        precondition(
            offset >= 0 && offset + bytes.count <= place.type.byteCount,
            "bytes \(offset)..<\(offset + bytes.count) are not in \(name), which has \(place.type.byteCount)")
        try place.file.fill(&bytes, at: place.offset + offset)
    }

    /// A parameter as a tensor with memory of its own.
    public func tensor(_ name: String) throws(MindIRError) -> Tensor {
        let type = try place(of: name).type
        let tensor = Tensor(zeros: type.shape, elementType: type.elementType)
        var span = tensor.bytes.mutableSpan
        try read(name, into: &span)
        return tensor
    }

    /// The type of a parameter.
    func type(of name: String) throws(MindIRError) -> TensorType { try place(of: name).type }

    private func place(of name: String) throws(MindIRError) -> Place {
        guard let place = places[name] else { throw .missing(name: name, path: path) }
        return place
    }
}

/// A parameter of a `.mindir` file.
public struct MindIRParameter: Equatable, Sendable {
    /// Its name in the network.
    public let name: String

    /// Its shape and element type.
    public let type: TensorType

    /// The file that holds its bytes, from the folder of the `.mindir` file; nil for that file itself.
    public let location: String?
}

/// Opens a file of parameters, whose first byte tells which byte of a number comes first.
private func openData(
    _ path: FilePath, _ open: (FilePath) throws -> any ReadableFile
) throws -> any ReadableFile {
    let file = try open(path)
    var order: [UInt8] = [1]
    var span = order.mutableSpan
    if file.byteCount > 0 { try file.fill(&span, at: 0) }
    guard order == [1] else { throw MindIRError.damaged(path: path, offset: 0, .bigEndian) }
    return file
}

extension StoredParameter {
    fileprivate func checkContents(in file: any ReadableFile) throws(MindIRError) {
        guard range.upperBound <= file.byteCount else {
            let found = max(0, file.byteCount - range.lowerBound)
            throw .damaged(
                path: file.path, offset: range.lowerBound,
                .contentSize(name: name, expected: range.count, found: found))
        }
    }
}
