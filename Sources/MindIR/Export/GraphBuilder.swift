import Foundation
import Graphs
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

    /// Adds what a graph begins with.
    mutating func source(_ source: GraphSource, _ type: MindSporeType) throws(MindIRError) -> Operand {
        switch source {
        case .input(let name): try input(name, type)
        case .parameter(let parameter): try self.parameter(parameter.name, type)
        case .constant(let tensor): Operand(name: constant(tensor.literal.attribute), type: type)
        }
    }

    /// Adds an input of the graph.
    mutating func input(_ name: String, _ type: MindSporeType) throws(MindIRError) -> Operand {
        try claim(name, type)
        let operand = Operand(name: name, type: type)
        graph.input.append(operand.message)
        return operand
    }

    /// Reserves the name of a parameter, whose record the caller keeps. MindSpore's name follows the first colon.
    mutating func parameter(_ name: String, _ type: MindSporeType) throws(MindIRError) -> Operand {
        let fullName = "\(graph.name):\(name)"
        guard !name.isEmpty else { throw .cannotStore(name: fullName, reason: "the parameter has no name") }
        try claim(fullName, type)
        return Operand(name: fullName, type: type)
    }

    /// Adds an output of the graph.
    mutating func output(_ operand: Operand) {
        graph.output.append(operand.message)
    }

    /// Writes an operation, in MindSpore's operators, and returns the results that its form gives: the first, and as many of the
    /// others as it says.
    mutating func apply(
        _ operation: any Graphs.Operation, _ x: [Operand], giving types: [MindSporeType]
    ) throws(MindIRError) -> [Operand] {
        var calls = MindSporeCalls(inputs: x.map(\.type), giving: types)
        let results: [MindSporeValue]
        do {
            results = try operation.mindSporeForms(&calls)
        } catch {
            throw refusal(operation, error.reason)
        }
        do {
            return try append(calls, returning: results, to: x)
        } catch {
            throw refusal(operation, error.reason)
        }
    }

    /// Writes the mean of all elements of a value, which `operation` ends.
    mutating func mean(
        _ x: Operand, _ operation: any Graphs.Operation, giving type: MindSporeType
    ) throws(MindIRError) -> Operand {
        var calls = MindSporeCalls(inputs: [x.type], giving: [type])
        let value = calls.mean()
        do {
            return try append(calls, returning: [value], to: [x])[0]
        } catch {
            throw refusal(operation, error.reason)
        }
    }

    /// Why an operation cannot be written.
    func refusal(_ operation: any Graphs.Operation, _ reason: String) -> MindIRError {
        .cannotExport(operation: operation.name, scope: scope, reason: reason)
    }

    /// Writes calls, and returns some of their values, which follow the inputs.
    private mutating func append(
        _ calls: MindSporeCalls, returning results: [MindSporeValue], to inputs: [Operand]
    ) throws(NoMindSporeForm) -> [Operand] {
        var operands = inputs
        for call in calls.calls {
            operands.append(Operand(name: try append(call, operands), type: call.results[0]))
        }
        return try results.map { value throws(NoMindSporeForm) in try operand(calls.number(of: value), of: operands) }
    }

    /// A value of the calls of one operation. That of others would be another one here.
    private func operand(_ number: Int, of operands: [Operand]) throws(NoMindSporeForm) -> Operand {
        guard operands.indices.contains(number) else {
            throw NoMindSporeForm("its form in MindSpore uses a value of another one")
        }
        return operands[number]
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
        _ call: MindSporeCalls.Call, _ operands: [Operand]
    ) throws(NoMindSporeForm) -> String {
        let (primitive, attributes) = (call.primitive, call.attributes)
        // MindSpore would not say so: it dies or computes something else.
        guard call.arguments.count == primitive.inputs.count, attributes.map(\.name) == primitive.attributes else {
            throw NoMindSporeForm(
                "its form calls \(primitive.name) with \(call.arguments.count) inputs and the attributes "
                    + "\(attributes.map(\.name)); that takes the inputs \(primitive.inputs) and the attributes "
                    + "\(primitive.attributes)")
        }
        var inputs: [String] = []
        for argument in call.arguments {
            switch argument {
            case .value(let number): inputs.append(try operand(number, of: operands).name)
            case .literal(let literal): inputs.append(constant(literal.attribute))
            }
        }
        let reference = reference(to: primitive, attributes)
        return appendNode("\(primitive.name)-op\(graph.node.count)", reference, inputs, [call.results.shapeAttribute])
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
        to primitive: MindSporeOperator, _ attributes: [(name: String, value: MindSporeLiteral)]
    ) -> String {
        var message = MindIr_PrimitiveProto()
        message.opType = primitive.name
        message.primType = primitive.attributes.isEmpty ? .primitiveFunction : .primitive
        message.attribute = attributes.map { name, value in
            var attribute = value.attribute
            attribute.name = name
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
    private mutating func claim(_ name: String, _ type: MindSporeType) throws(MindIRError) {
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
