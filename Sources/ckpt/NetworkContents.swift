import Checkpoints
import Ciphers
import Files
import MindIR
import SystemPackage
import Tensors
import Terminal

/// What is in a `.mindir` file, for people and for programs.
struct NetworkContents: Encodable {
    struct Value: Encodable {
        let name: String
        let elementType: String?
        let shape: [Int]
    }

    struct Parameter: Encodable {
        let name: String
        let elementType: String
        let shape: [Int]
        let byteCount: Int
        let location: String?
    }

    let path: String
    let graph: String
    let byteCount: Int
    let encryption: EncryptionMode?
    let inputs: [Value]
    let outputs: [Value]
    let operators: [String: Int]
    let parameters: [Parameter]

    init(_ path: FilePath, key: EncryptionKey?) throws {
        let network = try NamedFile(path, key: key)
        let file = try network.open()
        let mode = try EncryptionMode.mode(of: file)
        guard mode == nil || key != nil else { throw KeyMissing(path: path, mode: mode) }
        // The key is for files that need one.
        let reader = try MindIRReader(path) { part in
            try DecryptedFile.opening(part == path ? file : network.open(part), key: mode == nil ? nil : key)
        }
        self.path = path.string
        graph = reader.graphName
        byteCount = file.byteCount
        encryption = mode
        inputs = reader.inputs.map(Value.init)
        outputs = reader.outputs.map(Value.init)
        operators = reader.operators
        parameters = reader.parameters.map { parameter in
            Parameter(
                name: parameter.name, elementType: parameter.type.elementType.mindSporeName,
                shape: parameter.type.shape.dimensions, byteCount: parameter.type.byteCount,
                location: parameter.location)
        }
    }

    var text: String {
        let elements = OutsideNumber.sum(parameters.map { OutsideNumber.product($0.shape) ?? .max })
        let facts = Facts([
            ("file", path), ("graph", graph),
            ("form", "MindIR" + (encryption.map { ", encrypted (\($0.rawValue))" } ?? "")),
            ("size", HumanText.bytes(byteCount)),
            ("parameters", "\(parameters.count), \(HumanText.count(elements, "element"))"),
        ])
        return [facts.text, valuesText, operatorsText, parametersText].joined(separator: "\n\n")
    }

    private var valuesText: String {
        var table = Table([("VALUE", .left), ("TYPE", .left), ("SHAPE", .left), ("IS", .left)])
        for (values, role) in [(inputs, "input"), (outputs, "output")] {
            for value in values {
                table.add([value.name, value.elementType ?? "", value.shapeText, role])
            }
        }
        return table.text
    }

    private var operatorsText: String {
        var table = Table([("OPERATOR", .left), ("COUNT", .right)])
        for (name, count) in operators.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.add([name, "\(count)"])
        }
        return table.text
    }

    private var parametersText: String {
        let isSplit = parameters.contains { $0.location != nil }
        var table = Table(
            [("PARAMETER", .left), ("TYPE", .left), ("SHAPE", .left), ("SIZE", .right)]
                + (isSplit ? [("LIES IN", .left)] : []))
        for parameter in parameters {
            table.add(
                [
                    parameter.name, parameter.elementType, "\(parameter.shape)",
                    HumanText.bytes(parameter.byteCount),
                ] + (isSplit ? [parameter.location ?? ""] : []))
        }
        return table.text
    }
}

extension EncryptionMode: Encodable {}

extension FilePath {
    /// Whether this is the path of a network, by its name.
    var isNetwork: Bool { self.extension == "mindir" }
}

extension NetworkContents.Value {
    init(_ value: MindIRValue) {
        self.init(name: value.name, elementType: value.elementType?.mindSporeName, shape: value.dimensions)
    }

    /// The sizes, with a star for any.
    fileprivate var shapeText: String { "[\(shape.map { $0 < 0 ? "*" : "\($0)" }.joined(separator: ", "))]" }
}
