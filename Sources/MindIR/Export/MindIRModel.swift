public import Files
import Memory
import SwiftProtobuf
import Tensors

/// A model ready to be written: one file, or, with many parameters, two.
///
/// It refers to the parameters: what a file receives are their values at the time of writing. Those bytes go from the
/// parameter to the file and are nowhere a second time.
public struct MindIRModel: Sendable {
    /// MindSpore stores parameters of more bytes than this outside of the `.mindir` file.
    public static let externalLimit = 1 << 30

    /// MindSpore loads no larger `.mindir` file: what a protobuf message can have.
    public static let fileLimit = Int(Int32.max)

    private static let graphField = 7

    private let graph: MindIr_GraphProto
    private let header: MindIr_ModelProto
    private let parameters: [ParameterMessage]

    init(graph: MindIr_GraphProto, primitives: [MindIr_PrimitiveProto], parameters: [ParameterMessage]) {
        self.graph = graph
        self.parameters = parameters
        header = MindIr_ModelProto.with {
            $0.irVersion = "1.1"
            $0.producerName = "Lockstep"
            // Of MindSpore, whose operators these are.
            $0.modelVersion = "2.10.0"
            $0.littleEndian = true
            $0.primitives = primitives
            // The calling convention of today: arguments of operators are inputs of their nodes.
            $0.mindIrVersion = 3
        }
    }

    /// The size of all parameters in bytes.
    public var parameterByteCount: Int { parameters.reduce(0) { $0 + $1.type.byteCount } }

    /// The files of the model, in the order in which they have to be there: a reader begins with the last.
    ///
    /// Named "LeNet5" it is `LeNet5.mindir`. If its parameters have more than `externalLimit` bytes, it is MindSpore's
    /// larger form: `LeNet5_variables/data_0` and `LeNet5_graph.mindir`, which have to stay side by side.
    ///
    /// - Throws: ``MindIRError/tooLarge(byteCount:limit:)`` if MindSpore would not load the file, and
    ///   ``MindIRError/cannotStore(name:reason:)`` if it would take it for something else by its name.
    public func files(
        named name: String, externalLimit: Int = MindIRModel.externalLimit
    ) throws(MindIRError) -> [MindIRFile] {
        guard parameterByteCount > externalLimit else {
            // MindSpore would look for the parameters elsewhere.
            guard !parameters.isEmpty || !name.hasSuffix("_graph") else {
                throw .cannotStore(name: "\(name).mindir", reason: "a model without parameters cannot end so")
            }
            return [try graphFile("\(name).mindir", parameters.map { ($0.head(), $0) })]
        }
        let folder = "\(name.split(separator: "/").last ?? "")_variables"
        var data = [MindIRFile.Piece(bytes: [1] + [UInt8](repeating: 0, count: dataAlignment - 1))]
        var offset = dataAlignment
        var references: [(head: [UInt8], parameter: ParameterMessage?)] = []
        for parameter in parameters {
            references.append((parameter.reference(to: "\(folder)/data_0", offset: offset), nil))
            let padding = [UInt8](repeating: 0, count: -parameter.type.byteCount & (dataAlignment - 1))
            data += [MindIRFile.Piece(bytes: [], parameter: parameter), MindIRFile.Piece(bytes: padding)]
            offset += parameter.type.byteCount + padding.count
        }
        return [
            MindIRFile(path: "\(name)_variables/data_0", pieces: data),
            try graphFile("\(name)_graph.mindir", references),
        ]
    }

    /// The `.mindir` file: the header, then the graph's fields, the parameters last.
    private func graphFile(
        _ path: String, _ records: [(head: [UInt8], parameter: ParameterMessage?)]
    ) throws(MindIRError) -> MindIRFile {
        let nodes = wireBytes(graph)
        let recordByteCount = records.reduce(0) { $0 + $1.head.count + ($1.parameter?.type.byteCount ?? 0) }
        let head = wireBytes(header) + wireHead(Self.graphField, byteCount: nodes.count + recordByteCount)
        let file = MindIRFile(
            path: path,
            pieces: [MindIRFile.Piece(bytes: head), MindIRFile.Piece(bytes: nodes)]
                + records.map { MindIRFile.Piece(bytes: $0.head, parameter: $0.parameter) })
        guard file.byteCount <= Self.fileLimit else {
            throw .tooLarge(byteCount: file.byteCount, limit: Self.fileLimit)
        }
        return file
    }
}

/// Where arrays in a data file begin, in bytes; its header has as many, of which the first says: little-endian.
private let dataAlignment = 64

/// One of the files of a model.
public struct MindIRFile: Sendable {
    struct Piece: Sendable {
        let bytes: [UInt8]
        /// Whose value follows the bytes.
        var parameter: ParameterMessage?
    }

    /// Its path below the folder of the model, such as "LeNet5_variables/data_0".
    public let path: String

    let pieces: [Piece]

    /// Its size in bytes.
    public var byteCount: Int { pieces.reduce(0) { $0 + $1.bytes.count + ($1.parameter?.type.byteCount ?? 0) } }

    /// The names of the parameters whose values lie in it, in their order.
    public var parameterNames: [String] { pieces.compactMap { $0.parameter?.parameterName } }

    /// Writes its contents; the caller synchronizes and closes the file, which may be one that encrypts.
    ///
    /// - Throws: ``MindIRError``, among others for a parameter without a value.
    public func write(to file: any WritableFile) throws(MindIRError) {
        for piece in pieces {
            try file.put(piece.bytes.span)
            guard let parameter = piece.parameter else { continue }
            guard let value = parameter.value else {
                throw .cannotStore(name: parameter.parameterName, reason: "it has no value yet")
            }
            try file.put(value.bytes.span)
        }
    }

    /// Writes its contents; `appendValue` appends all bytes of the parameter of a name to the file, from wherever they
    /// lie. It is called for each of ``parameterNames``, in their order.
    public func write(to file: any WritableFile, appendValue: (_ name: String) throws -> Void) throws {
        for piece in pieces {
            try file.put(piece.bytes.span)
            if let parameter = piece.parameter { try appendValue(parameter.parameterName) }
        }
    }
}
