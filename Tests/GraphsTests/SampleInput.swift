import Tensors

/// An input of a sample: its type, and which numbers suit it.
enum SampleInput {
    /// Numbers of a range, for operations that are smooth there.
    case uniform(Shape, Range<Float>)

    /// Numbers of which no two are near each other or 0, nor near those of another input, for operations with kinks.
    case spaced(Shape)

    /// For logits of this shape: class numbers, among them -1, which does not count.
    case labels(Shape)

    /// For logits of this shape: rows of positive numbers with sum 1.
    case probabilities(Shape)

    /// 0 and 1 in turn.
    case flags(Shape)

    /// Whole numbers from 0.
    case numbers(Shape, below: Int)

    /// Positive numbers by which there is no gradient, such as running variances.
    case settled(Shape)

    static func uniform(_ shape: Shape) -> SampleInput { .uniform(shape, -1.5..<1.5) }

    var type: TensorType {
        switch self {
        case .uniform(let shape, _), .spaced(let shape), .probabilities(let shape), .flags(let shape),
            .settled(let shape):
            TensorType(shape)
        case .labels(let shape): TensorType([shape[0]], .int32)
        case .numbers(let shape, _): TensorType(shape, .int32)
        }
    }

    /// Whether an operation has a gradient by it.
    var isDifferentiable: Bool {
        switch self {
        case .uniform, .spaced: true
        case .labels, .probabilities, .flags, .numbers, .settled: false
        }
    }

    /// Makes the values of input number `index`.
    func tensor(_ index: Int) -> Tensor {
        let random = RandomSource(seed: 11, stream: UInt64(index))
        switch self {
        case .uniform(let shape, let range):
            let tensor = Tensor(zeros: shape)
            tensor.fillUniform(in: range, random: random)
            return tensor
        case .settled(let shape):
            let tensor = Tensor(zeros: shape)
            tensor.fillUniform(in: 0.3..<1.5, random: random)
            return tensor
        case .spaced(let shape):
            let count = shape.elementCount
            let places = random.permutation(of: count).map { Float(2 * $0 + 1 - count) }
            return Tensor(places.map { $0 * 0.05 + 0.03 + Float(index) * 0.05 }, shape: shape)
        case .labels(let shape):
            return Tensor((0..<shape[0]).map { Int32($0 % (shape[1] + 1)) - 1 }, shape: [shape[0]])
        case .flags(let shape):
            return Tensor((0..<shape.elementCount).map { Float(($0 + index) % 2) }, shape: shape)
        case .numbers(let shape, let bound):
            return Tensor((0..<shape.elementCount).map { Int32($0 * 5 % bound) }, shape: shape)
        case .probabilities(let shape):
            let rows = (0..<shape[0]).map { Self.probabilities(count: shape[1], row: $0) }
            return Tensor(rows.flatMap(\.self), shape: shape)
        }
    }

    private static func probabilities(count: Int, row: Int) -> [Float] {
        let weights = (0..<count).map { Float(1 + ($0 * 7 + row * 3) % 5) }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }
}
