import Foundation
import SwiftProtobuf
import Tensors

/// Writes the messages of a graph: nodes after what they use, constants and operators once each, names once in the file.
struct GraphBuilder {
    private(set) var graph = MindIr_GraphProto()
    private(set) var primitives: [MindIr_PrimitiveProto] = []

    /// The names around the nodes that come next, as in "LeNet5.Conv2d".
    var scope = ""

    private var names: Set<ByteName> = []
    private var constants: [MindIr_AttributeProto: String] = [:]
    private var primitiveNames: [MindIr_PrimitiveProto: String] = [:]

    init(graphName: String) {
        graph.name = graphName
    }

    /// Adds an input of the graph.
    mutating func input(_ name: String, _ type: ExportedType) throws(MindIRError) -> Operand {
        try claim(name, type)
        let operand = Operand(name: name, type: type)
        graph.input.append(operand.message)
        return operand
    }

    /// Reserves the name of a parameter, whose record the caller keeps. MindSpore's name follows the first colon.
    mutating func parameter(_ name: String, _ type: ExportedType) throws(MindIRError) -> Operand {
        let fullName = "\(graph.name):\(name)"
        guard !name.isEmpty else { throw .cannotStore(name: fullName, reason: "the parameter has no name") }
        try claim(fullName, type)
        return Operand(name: fullName, type: type)
    }

    /// Adds an output of the graph.
    mutating func output(_ operand: Operand) {
        graph.output.append(operand.message)
    }

    /// Applies an operator that has one result.
    mutating func call(
        _ primitive: Primitive, _ arguments: any Argument..., attributes: KeyValuePairs<String, any Literal> = [:],
        giving type: ExportedType
    ) -> Operand {
        Operand(name: append(primitive, arguments, attributes, results: [type]), type: type)
    }

    /// Applies an operator that has several results, of which the first is wanted.
    mutating func callForFirst(
        _ primitive: Primitive, _ arguments: any Argument..., attributes: KeyValuePairs<String, any Literal> = [:],
        giving types: [ExportedType]
    ) -> Operand {
        let tuple = Operand(name: append(primitive, arguments, attributes, results: types), type: types[0])
        return call(.tupleGetItem, tuple, 0, giving: types[0])
    }

    /// Applies an operator that has several results, of which all are wanted.
    mutating func callForAll(
        _ primitive: Primitive, _ arguments: any Argument..., giving types: [ExportedType]
    ) -> [Operand] {
        let tuple = Operand(name: append(primitive, arguments, [:], results: types), type: types[0])
        return types.indices.map { call(.tupleGetItem, tuple, $0, giving: types[$0]) }
    }

    /// The constant with this value.
    mutating func constant(_ value: MindIr_AttributeProto) -> String {
        if let name = constants[value] { return name }
        var attribute = value
        attribute.name = "value"
        let name = appendNode("Constant-\(constants.count)", "Constant", [], [attribute])
        constants[value] = name
        return name
    }

    private mutating func append(
        _ primitive: Primitive, _ arguments: [any Argument], _ attributes: KeyValuePairs<String, any Literal>,
        results: [ExportedType]
    ) -> String {
        // MindSpore would not say so: it dies or computes something else.
        guard arguments.count == primitive.inputs.count, attributes.map(\.key) == primitive.attributes else {
            fatalError(
                "\(primitive.name) takes \(primitive.inputs) with \(primitive.attributes), "
                    + "not \(arguments.count) inputs with \(attributes.map(\.key))")
        }
        let inputs = arguments.map { $0.name(in: &self) }
        let reference = reference(to: primitive, attributes)
        return appendNode("\(primitive.name)-op\(graph.node.count)", reference, inputs, [results.shapeAttribute])
    }

    private mutating func appendNode(
        _ wantedName: String, _ operation: String, _ inputs: [String], _ attributes: [MindIr_AttributeProto]
    ) -> String {
        let name = unusedName(like: wantedName)
        let scopes = ["Default"] + scope.split(separator: ".").map(String.init) + [name]
        graph.node.append(
            MindIr_NodeProto.with {
                $0.input = inputs
                $0.output = [name]
                $0.name = name
                $0.opType = operation
                $0.attribute = attributes
                $0.domain = scopes.joined(separator: "/")
            })
        return name
    }

    /// How a node names an operator with its attributes: nodes with the same ones share it, as in MindSpore's files.
    private mutating func reference(
        to primitive: Primitive, _ attributes: KeyValuePairs<String, any Literal>
    ) -> String {
        var message = MindIr_PrimitiveProto()
        message.opType = primitive.name
        message.primType = primitive.attributes.isEmpty ? .primitiveFunction : .primitive
        message.attribute = attributes.map { key, value in
            var attribute = value.attribute
            attribute.name = key
            return attribute
        }
        if let name = primitiveNames[message] { return "REF::\(name)" }
        let name = unusedName(like: "\(primitive.name):\(primitives.count)")
        primitiveNames[message] = name
        message.name = name
        primitives.append(message)
        return "REF::\(name)"
    }

    /// MindSpore has one table of names for the whole file, and computes wrong where two things share one.
    private mutating func claim(_ name: String, _ type: ExportedType) throws(MindIRError) {
        guard type.elementType.mindIRNumber != nil else {
            throw .cannotStore(name: name, reason: "MindIR has no tensors of type \(type.elementType.mindSporeName)")
        }
        guard names.add(name) else {
            throw .cannotStore(name: name, reason: "something else in the graph has this name")
        }
    }

    /// A name for something that the graph's author has not named.
    private mutating func unusedName(like name: String) -> String {
        var name = name
        while !names.add(name) { name += "'" }
        return name
    }
}

extension Operand {
    fileprivate var message: MindIr_ValueInfoProto {
        MindIr_ValueInfoProto.with {
            $0.name = name
            $0.tensor = type.message
        }
    }
}
