import Files
import Tensors
import Wire

/// A stretch of contents in a `.ckpt` file with the bytes before it.
struct CkptSegment: Equatable {
    let head: [UInt8]
    let byteCount: Int
}

/// The bytes around contents in a `.ckpt` file: protobuf messages, fields in the order of their numbers.
///
///     Checkpoint  { 1: Value, repeated }
///     Value       { 1: tag, 2: TensorProto or 3: MapTensorProto }
///     TensorProto { 1: dims, repeated and not packed; 2: tensor_type; 3: tensor_content }
enum CkptFraming {
    /// The type that stands for strings in `tensor_type`.
    static let textType = "str"

    /// The dimensions of every string.
    static let textDimensions = [0]

    /// The mark before the ten bytes of the CRC.
    static let crcMark = Array("crc_num".utf8)

    /// The mark and an 80-bit number.
    static let trailerByteCount = 17

    /// How an entry is cut, and the bytes before each piece. Tensors larger than `sliceByteCount` become several records, each
    /// with all dimensions; those without elements become none, as in MindSpore.
    static func segments(of entry: CheckpointEntry, sliceByteCount: Int) -> [CkptSegment] {
        let name = Array(entry.name.utf8)
        switch entry.kind {
        case .text(let byteCount):
            return [record(name, textType, textDimensions, byteCount)]
        case .tensor(let type):
            return stride(from: 0, to: type.byteCount, by: sliceByteCount).map { start in
                record(
                    name, type.elementType.mindSporeName, type.shape.dimensions,
                    min(sliceByteCount, type.byteCount - start))
            }
        case .map(let keys, let values, let status):
            return mapRecord(name, [keys, values, status])
        case .foreign(let type): fatalError("\(entry.name) was to be refused: \(type.refusal)")
        }
    }

    /// The seventeen bytes at the end of a file with a CRC.
    static func trailer(crc: UInt32) -> [UInt8] {
        crcMark + [UInt8](repeating: 0, count: 6) + littleEndianBytes(of: crc).reversed()
    }

    private static func record(
        _ name: [UInt8], _ type: String, _ dimensions: [Int], _ byteCount: Int
    ) -> CkptSegment {
        let tensor = tensorHead(type, dimensions, byteCount)
        let head = valueHead(name, field: 2, byteCount: tensor.count + byteCount)
        return CkptSegment(head: head + tensor, byteCount: byteCount)
    }

    private static func mapRecord(_ name: [UInt8], _ parts: [TensorType]) -> [CkptSegment] {
        let heads = parts.map { part in
            // Maps carry NumPy's names, which are MindSpore's in lower case.
            let tensor = tensorHead(
                part.elementType.mindSporeName.lowercased(), part.shape.dimensions, part.byteCount)
            var head = WireEncoder()
            head.field(1, byteCount: tensor.count + part.byteCount)
            head.append(tensor)
            return head.bytes
        }
        let byteCount = zip(heads, parts).map { $0.count + $1.byteCount }.reduce(0, +)
        let first = valueHead(name, field: 3, byteCount: byteCount)
        return zip(heads, parts).enumerated().map { index, part in
            CkptSegment(head: (index == 0 ? first : []) + part.0, byteCount: part.1.byteCount)
        }
    }

    private static func valueHead(_ name: [UInt8], field: Int, byteCount: Int) -> [UInt8] {
        var value = WireEncoder()
        value.field(1, name)
        value.field(field, byteCount: byteCount)
        var record = WireEncoder()
        record.field(1, byteCount: value.bytes.count + byteCount)
        record.append(value.bytes)
        return record.bytes
    }

    private static func tensorHead(_ type: String, _ dimensions: [Int], _ byteCount: Int) -> [UInt8] {
        var tensor = WireEncoder()
        for dimension in dimensions { tensor.field(1, dimension) }
        tensor.field(2, Array(type.utf8))
        tensor.field(3, byteCount: byteCount)
        return tensor.bytes
    }
}
