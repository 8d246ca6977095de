import Foundation
import Graphs
import Memory
import SwiftProtobuf
import Tensors

/// A value of the graph being written.
struct Operand {
    /// The name under which nodes find it.
    let name: String
    let type: MindSporeType
}

extension MindSporeType {
    /// The type as a tensor without contents.
    var message: MindIr_TensorProto {
        var tensor = MindIr_TensorProto()
        tensor.dims = dimensions.map(Int64.init)
        guard let number = elementType.mindIRNumber else { fatalError("MindIR has no values of type \(elementType)") }
        tensor.dataType = number
        return tensor
    }
}

extension MindSporeLiteral {
    /// The value of a constant or of an attribute.
    ///
    /// The encodings are exact: MindSpore reads a tuple of plain `ints` as an empty one, and takes no other widths than
    /// these.
    var attribute: MindIr_AttributeProto {
        MindIr_AttributeProto.with {
            switch self {
            case .bool(let flag): ($0.i, $0.type) = (flag ? 1 : 0, .bool)
            case .int(let number): ($0.i, $0.type) = (Int64(number), .int64)
            case .float(let number): ($0.f, $0.type) = (number, .float)
            case .string(let text): ($0.s, $0.type) = (Data(text.utf8), .string)
            case .ints(let numbers): ($0.values, $0.type) = (numbers.map(Self.element), .tuple)
            case .tensor(let tensor): ($0.tensors, $0.type) = ([tensor.message], .tensors)
            }
        }
    }

    /// A number as an element of a tuple.
    private static func element(_ number: Int) -> MindIr_AttributeProto {
        MindIr_AttributeProto.with { ($0.ints, $0.type) = ([Int64(number)], .int64) }
    }
}

extension Tensor {
    fileprivate var message: MindIr_TensorProto {
        var message = MindSporeType(type).message
        let contents = bytes.span
        message.rawData = Data(contents.indices.map { contents[$0] })
        return message
    }
}

extension [MindSporeType] {
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
