public import Tensors

/// A named tensor that outlives a step: a weight, or a piece of an optimizer's state (MindSpore's `Parameter`).
///
/// Graphs read it, and update operations write it in place.
public final class Parameter {
    /// The name in checkpoints, such as "conv1.weight". The network that holds it gives it its name.
    public var name: String

    /// The value.
    public let tensor: Tensor

    /// Whether training changes it (MindSpore's `requires_grad`).
    public let requiresGradient: Bool

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
        self.tensor = Tensor(zeros: shape, elementType: elementType)
        self.initializer = initializer
        self.requiresGradient = requiresGradient
    }

    /// Makes a parameter with a value, which training does not change by gradients.
    public init(name: String, value: Tensor) {
        self.name = name
        self.tensor = value
        self.requiresGradient = false
        self.initializer = .zeros
        self.isInitialized = true
    }

    /// The sizes of the dimensions.
    public var shape: Shape { tensor.shape }

    /// Gives it its first value, a pure function of the seed and its name, unless it has one.
    public func initialize(seed: UInt64) {
        guard !isInitialized else { return }
        initializer.fill(tensor, seed: seed, name: name)
        isInitialized = true
    }
}

extension Parameter: CustomStringConvertible {
    /// Name and type, as in "fc1.bias Float32[120]".
    public var description: String { "\(name) \(tensor)" }
}
