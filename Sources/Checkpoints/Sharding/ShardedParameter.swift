public import Layouts
public import Tensors

/// A parameter as one rank holds it: a slice of a tensor that is laid out over a mesh, or all of it.
///
/// The same value says what to save and where to load to.
public struct ShardedParameter: Sendable {
    /// The name, such as "block0.attention.query.weight".
    public let name: String

    /// The type of the whole tensor.
    public let type: TensorType

    /// Who holds which slice; nil if the tensor is not laid out: then every rank holds all of it.
    public let sharding: TensorSharding?

    /// What this rank holds.
    public let local: Tensor

    /// Describes a parameter that every rank holds whole.
    public init(_ name: String, _ tensor: Tensor) {
        self.name = name
        type = tensor.type
        sharding = nil
        local = tensor
    }

    /// Describes a parameter of a whole shape, laid out over a mesh; `local` is the slice of this rank.
    ///
    /// Throws `LayoutError` if the shape cannot be divided as the layout says.
    public init(
        _ name: String, whole shape: Shape, _ layout: TensorLayout, local: Tensor
    ) throws(LayoutError) {
        self.init(name, try TensorSharding(of: shape.dimensions, layout), local: local)
    }

    /// Describes a parameter that is divided among the ranks; `local` is the slice of this rank.
    public init(_ name: String, _ sharding: TensorSharding, local: Tensor) {
        precondition(
            local.shape.dimensions == sharding.shardShape,
            "a slice of \(name) is \(sharding.shardShape), not \(local.shape)")
        self.name = name
        type = TensorType(Shape(sharding.shape), local.elementType)
        self.sharding = sharding
        self.local = local
    }

    /// Whether this rank holds all of it, and every other too.
    public var isWhole: Bool { sharding?.isReplicated ?? true }

    /// How a manifest names it, with its layout.
    var record: ParameterRecord {
        ParameterRecord(
            name: name, elementType: type.elementType.mindSporeName, shape: type.shape.dimensions,
            layout: sharding.map { LayoutRecord($0.layout) })
    }

    /// The same without its layout, as it lies in files that hold whole tensors.
    var wholeRecord: ParameterRecord {
        ParameterRecord(name: name, elementType: type.elementType.mindSporeName, shape: type.shape.dimensions)
    }
}
