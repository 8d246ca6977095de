import Graphs
import SwiftProtobuf
import Tensors
import Wire

/// A parameter as it lies in a file: what describes it, and, unless they lie outside, its bytes behind that.
///
/// Protobuf would copy all bytes into a message first. A message in bytes is its fields one after the other, so a
/// record is framed here: the description by protobuf, then key and length of `raw_data`, then the tensor itself.
struct ParameterMessage {
    // `GraphProto.parameter` and `TensorProto.raw_data`.
    private static let parameterField = 3
    private static let rawDataField = 9

    /// The name in the network.
    let parameterName: String

    /// The graph's name, a colon, and the parameter's name.
    let name: String

    let type: TensorType

    /// The value; nil for a parameter that has none yet, whose bytes whoever writes the file has to bring.
    let value: Tensor?

    init(_ parameter: Parameter, name: String) {
        parameterName = parameter.name
        self.name = name
        type = parameter.type
        value = parameter.isInitialized ? parameter.tensor : nil
    }

    /// What comes before the bytes in the file itself.
    func head() -> [UInt8] {
        let contents = wireBytes(description) + wireHead(Self.rawDataField, byteCount: type.byteCount)
        return wireHead(Self.parameterField, byteCount: contents.count + type.byteCount) + contents
    }

    /// The whole record of a parameter whose bytes lie in another file.
    func reference(to location: String, offset: Int) -> [UInt8] {
        var message = description
        message.externalData.location = location
        message.externalData.offset = Int64(offset)
        message.externalData.length = Int64(type.byteCount)
        let contents = wireBytes(message)
        return wireHead(Self.parameterField, byteCount: contents.count) + contents
    }

    private var description: MindIr_TensorProto {
        var message = MindSporeType(type).message
        message.name = name
        return message
    }
}

/// The key and the length that stand before the bytes of a message's field.
func wireHead(_ field: Int, byteCount: Int) -> [UInt8] {
    var encoder = WireEncoder()
    encoder.field(field, byteCount: byteCount)
    return encoder.bytes
}

/// The bytes of a message.
func wireBytes(_ message: some Message) -> [UInt8] {
    do {
        return try message.serializedBytes()
    } catch {
        // No field is required, and the sizes of constants were checked before.
        fatalError("a message cannot be written: \(error)")
    }
}
