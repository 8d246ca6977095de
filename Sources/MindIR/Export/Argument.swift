import Foundation
import Memory
import SwiftProtobuf
import Tensors

/// What a node takes: a value computed before it, or a literal.
protocol Argument {
    /// The name under which a node finds it; a literal becomes a constant for that.
    func name(in builder: inout GraphBuilder) -> String
}

/// A value of the graph being written.
struct Operand: Argument {
    let name: String
    let type: ExportedType

    func name(in builder: inout GraphBuilder) -> String { name }
}

/// The type of a value whose batch size may be open.
struct ExportedType: Hashable {
    /// The size of a dimension that depends on the batch size, where that is open.
    static let open = -1

    let dimensions: [Int]
    let elementType: ElementType

    init(_ dimensions: [Int], _ elementType: ElementType = .float32) {
        self.dimensions = dimensions
        self.elementType = elementType
    }

    init(_ type: TensorType) {
        self.init(type.shape.dimensions, type.elementType)
    }

    var rank: Int { dimensions.count }

    /// The type as a tensor without contents.
    var message: MindIr_TensorProto {
        var tensor = MindIr_TensorProto()
        tensor.dims = dimensions.map(Int64.init)
        guard let number = elementType.mindIRNumber else { fatalError("MindIR has no values of type \(elementType)") }
        tensor.dataType = number
        return tensor
    }
}

/// A number, a flag, a text, numbers in a row or a tensor: the value of a constant or of an attribute.
///
/// The encodings are exact: MindSpore reads a tuple of plain `ints` as an empty one, and takes no other widths than
/// these.
protocol Literal: Argument {
    var attribute: MindIr_AttributeProto { get }
}

extension Literal {
    func name(in builder: inout GraphBuilder) -> String { builder.constant(attribute) }
}

extension Bool: Literal {
    var attribute: MindIr_AttributeProto {
        MindIr_AttributeProto.with {
            $0.i = self ? 1 : 0
            $0.type = .bool
        }
    }
}

extension Int: Literal {
    var attribute: MindIr_AttributeProto {
        MindIr_AttributeProto.with {
            $0.i = Int64(self)
            $0.type = .int64
        }
    }
}

extension Float: Literal {
    var attribute: MindIr_AttributeProto {
        MindIr_AttributeProto.with {
            $0.f = self
            $0.type = .float
        }
    }
}

extension String: Literal {
    var attribute: MindIr_AttributeProto {
        MindIr_AttributeProto.with {
            $0.s = Data(utf8)
            $0.type = .string
        }
    }
}

extension [Int]: Argument, Literal {
    var attribute: MindIr_AttributeProto {
        MindIr_AttributeProto.with {
            $0.type = .tuple
            $0.values = map { element in
                MindIr_AttributeProto.with {
                    $0.ints = [Int64(element)]
                    $0.type = .int64
                }
            }
        }
    }
}

extension Tensor: Literal {
    var attribute: MindIr_AttributeProto {
        var tensor = ExportedType(type).message
        let contents = bytes.span
        tensor.rawData = Data(contents.indices.map { contents[$0] })
        return MindIr_AttributeProto.with {
            $0.tensors = [tensor]
            $0.type = .tensors
        }
    }
}

extension [ExportedType] {
    /// What a node says of its results in its attribute "shape".
    var shapeAttribute: MindIr_AttributeProto {
        let types = map { type in
            MindIr_AttributeProto.with {
                $0.tensors = [type.message]
                $0.type = .tensors
            }
        }
        var attribute = types[0]
        if count > 1 {
            attribute = MindIr_AttributeProto.with {
                $0.type = .tuple
                $0.values = types
            }
        }
        attribute.name = "shape"
        return attribute
    }
}
