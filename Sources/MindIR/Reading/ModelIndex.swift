import Files
import SwiftProtobuf
public import Tensors
import Wire

/// What a `.mindir` file holds, and where: everything but the bytes of its parameters and constants.
struct ModelIndex {
    private(set) var graphName = ""
    private(set) var inputs: [MindIRValue] = []
    private(set) var outputs: [MindIRValue] = []
    private(set) var parameters: [StoredParameter] = []

    /// How often nodes name an operator, directly or by the name of a primitive.
    private var references: [ByteName: Int] = [:]
    private var operatorsOfPrimitives: [ByteName: String] = [:]

    init(_ file: any ReadableFile) throws(MindIRError) {
        var scanner = MessageScanner(file)
        var hasGraph = false
        try scanner.forEachField(in: 0..<file.byteCount) { (scanner, field) throws(MindIRError) in
            switch field.number {
            case 7:
                hasGraph = true
                try scanGraph(field, isTop: true, &scanner)
            case 8: try scanGraph(field, isTop: false, &scanner)
            case 10: if try scanner.integer(of: field) == 0 { throw scanner.damage(field.offset, .bigEndian) }
            case 12: try scanPrimitive(field, &scanner)
            default: break
            }
        }
        guard hasGraph else { throw scanner.damage(0, .graphMissing) }
    }

    /// How often each operator is applied; constants are none.
    var operators: [String: Int] {
        var operators: [String: Int] = [:]
        for (reference, count) in references.map({ ($0.key.text, $0.value) }) where reference != "Constant" {
            guard let name = reference.removingPrefix("REF::") else {
                operators[reference, default: 0] += count
                continue
            }
            // What is no primitive is a function of the file.
            operators[operatorsOfPrimitives[name] ?? "Call", default: 0] += count
        }
        return operators
    }

    private mutating func scanGraph(
        _ field: MessageScanner.Field, isTop: Bool, _ scanner: inout MessageScanner
    ) throws(MindIRError) {
        try scanner.forEachField(in: scanner.range(of: field)) { (scanner, field) throws(MindIRError) in
            switch field.number {
            case 1: try scanNode(field, &scanner)
            case 2 where isTop: graphName = try scanner.text(of: field)
            case 3: parameters.append(try StoredParameter(field, &scanner))
            case 5 where isTop: inputs.append(try MindIRValue(field, scanner))
            case 6 where isTop: outputs.append(try MindIRValue(field, scanner))
            default: break
            }
        }
    }

    private mutating func scanNode(
        _ field: MessageScanner.Field, _ scanner: inout MessageScanner
    ) throws(MindIRError) {
        try scanner.forEachField(in: scanner.range(of: field)) { (scanner, field) throws(MindIRError) in
            if field.number == 4 { references[ByteName(try scanner.text(of: field)), default: 0] += 1 }
        }
    }

    private mutating func scanPrimitive(
        _ field: MessageScanner.Field, _ scanner: inout MessageScanner
    ) throws(MindIRError) {
        var (name, operation) = ("", "")
        try scanner.forEachField(in: scanner.range(of: field)) { (scanner, field) throws(MindIRError) in
            switch field.number {
            case 1: name = try scanner.text(of: field)
            case 2: operation = try scanner.text(of: field)
            default: break
            }
        }
        operatorsOfPrimitives[name] = operation
    }
}

/// An input or an output of a model.
public struct MindIRValue: Equatable, Sendable {
    /// Its name in the file.
    public let name: String

    /// Its sizes, -1 where any will do.
    public let dimensions: [Int]

    /// Its element type; nil if it is no single tensor, or of a type that Lockstep does not know.
    public let elementType: ElementType?

    init(_ field: MessageScanner.Field, _ scanner: MessageScanner) throws(MindIRError) {
        let bytes = try scanner.bytes(in: scanner.range(of: field), limit: MessageScanner.textLimit)
        guard let message = try? MindIr_ValueInfoProto(serializedBytes: bytes) else {
            throw scanner.damage(field.offset, .recordInvalid)
        }
        name = message.name
        dimensions = message.tensor.dims.map(Int.init)
        elementType = ElementType(mindIRNumber: Int(message.tensor.dataType))
    }
}

extension MindIRValue: CustomStringConvertible {
    /// Name and type, as in "x Float32[-1, 1, 32, 32]".
    public var description: String { "\(name) \(elementType?.mindSporeName ?? "Tuple")\(dimensions)" }
}

extension String {
    func removingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
