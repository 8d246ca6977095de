import Files
public import Tensors

/// A small value with a name of its own in a checkpoint, as in MindSpore's `append_dict`: `epoch_num`, `loss_scale`.
public enum CheckpointValue: Sendable {
    /// Stored as an `Int64` without dimensions.
    case integer(Int)

    /// Stored as a **Float32** without dimensions: digits beyond its 24 bits are lost, as in MindSpore.
    case real(Double)

    /// Stored as a `Bool` without dimensions.
    case flag(Bool)

    /// Stored as `str`; only `.ckpt` can.
    case text(String)

    /// Stored as it is.
    case tensor(Tensor)

    /// The entry under which the value is stored.
    public func entry(named name: String) -> CheckpointEntry {
        switch self {
        case .integer: CheckpointEntry(name, .int64, [])
        case .real: CheckpointEntry(name, .float32, [])
        case .flag: CheckpointEntry(name, .bool, [])
        case .text(let text): CheckpointEntry(name, .text(byteCount: CheckpointText.encode(text).count))
        case .tensor(let tensor): CheckpointEntry(name, tensor.elementType, tensor.shape)
        }
    }

    /// The contents of the entry, except a tensor's, which are not copied here.
    var smallBytes: [UInt8] {
        switch self {
        case .integer(let value): littleEndianBytes(of: Int64(value))
        case .real(let value): littleEndianBytes(of: Float(value).bitPattern)
        case .flag(let value): [value ? 1 : 0]
        case .text(let text): CheckpointText.encode(text)
        case .tensor: []
        }
    }
}
