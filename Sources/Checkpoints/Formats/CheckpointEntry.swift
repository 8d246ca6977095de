public import Tensors

/// A named thing in a checkpoint file, without its contents.
public struct CheckpointEntry: Hashable, Sendable {
    /// What an entry can hold. All contents are bytes: little-endian, in row-major order.
    public enum Kind: Hashable, Sendable {
        /// A tensor; numbers are tensors without dimensions.
        case tensor(TensorType)

        /// A string, as ``CheckpointText`` encodes it. Only `.ckpt` has these.
        case text(byteCount: Int)

        /// MindSpore's `MapParameter`: the contents of keys, values and status, one after another. Only `.ckpt` has these.
        case map(keys: TensorType, values: TensorType, status: TensorType)
    }

    /// The name, such as "conv1.weight" or "epoch_num".
    public let name: String

    /// What it holds.
    public let kind: Kind

    /// Describes an entry.
    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// Describes a tensor.
    public init(_ name: String, _ elementType: ElementType, _ shape: Shape) {
        self.init(name, .tensor(TensorType(shape, elementType)))
    }

    /// The size of the contents in bytes.
    public var byteCount: Int {
        switch kind {
        case .tensor(let type): type.byteCount
        case .text(let byteCount): byteCount
        case .map(let keys, let values, let status): keys.byteCount + values.byteCount + status.byteCount
        }
    }

    /// The type of a tensor; nil for anything else.
    public var tensorType: TensorType? {
        guard case .tensor(let type) = kind else { return nil }
        return type
    }
}
