public import Layouts
import Memory
public import Tensors

/// A named tensor that outlives a step: a weight, or a piece of an optimizer's state (MindSpore's `Parameter`).
///
/// Graphs read it, and update operations write it in place.
public final class Parameter {
    /// The name in checkpoints, such as "conv1.weight". The network that holds it gives it its name.
    public var name: String

    /// The type of the value: of the whole one, or of this rank's part of it.
    public let type: TensorType

    /// The value. It takes memory when it is first asked for: a network that is only traced takes none.
    public private(set) lazy var tensor = Tensor(zeros: type.shape, elementType: type.elementType)

    /// How the whole is divided among the ranks; nil if every rank has the whole.
    public let sharding: TensorSharding?

    /// This rank's part, as ranges in the whole.
    public let range: ShardRange

    /// Whether training changes it (MindSpore's `requires_grad`).
    ///
    /// Set it to false before the optimizer is made to freeze the parameter: it is saved, and is neither updated nor has a
    /// gradient or any state of the optimizer.
    public var requiresGradient: Bool

    /// How it gets its first value.
    public let initializer: Initializer

    /// Whether ``tensor`` holds a first value, a computed or a loaded one.
    public var isInitialized = false

    /// Makes a parameter of zeros; ``initialize(seed:)`` gives it its first value.
    public init(
        name: String = "", shape: Shape, elementType: ElementType = .float32, initializer: Initializer,
        requiresGradient: Bool = true
    ) {
        self.name = name
        type = TensorType(shape, elementType)
        sharding = nil
        range = ShardRange(whole: shape.dimensions)
        self.initializer = initializer
        self.requiresGradient = requiresGradient
    }

    /// Makes a parameter with a value, which training does not change by gradients.
    public init(name: String, value: Tensor) {
        self.name = name
        type = value.type
        sharding = nil
        range = ShardRange(whole: value.shape.dimensions)
        self.requiresGradient = false
        self.initializer = .zeros
        self.isInitialized = true
        tensor = value
    }

    /// Makes this rank's part of a parameter that is divided among the ranks; ``initialize(seed:)`` gives it the first
    /// value of its place in the whole.
    public convenience init(_ sharding: TensorSharding, rank: Int, initializer: Initializer) {
        let range = sharding.range(of: rank)
        self.init(
            name: "", type: TensorType(Shape(range.shape)), sharding: sharding, range: range,
            initializer: initializer, requiresGradient: true)
    }

    private init(
        name: String, type: TensorType, sharding: TensorSharding, range: ShardRange, initializer: Initializer,
        requiresGradient: Bool
    ) {
        self.name = name
        self.type = type
        self.sharding = sharding
        self.range = range
        self.initializer = initializer
        self.requiresGradient = requiresGradient
    }

    /// The rows of this rank's part that a finer division leaves it, in the same memory.
    public func rows(of finer: TensorSharding, rank: Int) -> Parameter {
        let range = finer.range(of: rank)
        let rows = range.relative(to: self.range).ranges[0]
        let rowByteCount = tensor.bytes.count / max(shape[0], 1)
        let bytes = tensor.bytes[rows.lowerBound * rowByteCount..<rows.upperBound * rowByteCount]
        let part = Tensor(shape: Shape(range.shape), elementType: tensor.elementType, bytes: bytes)
        let parameter = Parameter(
            name: name, type: part.type, sharding: finer, range: range, initializer: initializer,
            requiresGradient: requiresGradient)
        parameter.tensor = part
        return parameter
    }

    /// A tensor divided like this parameter, with a value that training does not change by gradients.
    public func state(named name: String, value: Float) -> Parameter {
        let tensor = Tensor(zeros: shape)
        tensor.fill(with: value)
        return sibling(named: name, tensor)
    }

    /// A copy of the value, divided like this parameter, that training does not change by gradients.
    public func copy(named name: String) -> Parameter {
        let copy = Tensor(zeros: shape, elementType: type.elementType)
        copy.copy(from: tensor)
        return sibling(named: name, copy)
    }

    private func sibling(named name: String, _ tensor: Tensor) -> Parameter {
        guard let sharding else { return Parameter(name: name, value: tensor) }
        let state = Parameter(
            name: name, type: type, sharding: sharding, range: range, initializer: .zeros, requiresGradient: false)
        state.tensor = tensor
        state.isInitialized = true
        return state
    }

    /// The sizes of the dimensions of this rank's part.
    public var shape: Shape { type.shape }

    /// The sizes of the dimensions of the whole.
    public var wholeShape: Shape { sharding.map { Shape($0.shape) } ?? shape }

    /// Gives it its first value, a pure function of the seed and its name, unless it has one.
    public func initialize(seed: UInt64) {
        guard !isInitialized else { return }
        initializer.fill(tensor, range, of: wholeShape, seed: seed, name: name)
        isInitialized = true
    }
}

extension Parameter: CustomStringConvertible {
    /// Name and type, as in "fc1.bias Float32[120]".
    public var description: String { "\(name) \(type)" }
}
