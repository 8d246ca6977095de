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

        /// A tensor of a type that Lockstep does not support. Its bytes can be read, and it cannot be written.
        case foreign(ForeignType)
    }

    /// The name, such as "conv1.weight" or "epoch_num".
    public var name: String { byteName.text }

    private let byteName: ByteName

    /// What it holds.
    public let kind: Kind

    /// Describes an entry.
    public init(_ name: String, _ kind: Kind) {
        byteName = ByteName(name)
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
        case .foreign(let type): type.byteCount
        }
    }

    /// The type of a tensor; nil for anything else.
    public var tensorType: TensorType? {
        guard case .tensor(let type) = kind else { return nil }
        return type
    }
}
