import Tensors

/// How a parameter gets its first value.
public enum Initializer: Sendable, Equatable {
    /// All zero.
    case zeros

    /// All one.
    case ones

    /// Uniform in `-bound..<bound`.
    case uniform(bound: Float)

    /// Normal with mean 0 and this standard deviation.
    case normal(deviation: Float)

    /// Uniform within 1/√`fanIn`, the default of MindSpore's Dense and Conv2d (`HeUniform(sqrt(5))`).
    public static func heUniform(fanIn: Int) -> Initializer {
        .uniform(bound: 1 / Float(fanIn).squareRoot())
    }

    /// Fills a float32 tensor. The numbers depend on nothing but seed and name.
    func fill(_ tensor: Tensor, seed: UInt64, name: String) {
        switch self {
        case .zeros: tensor.fill(with: 0)
        case .ones: tensor.fill(with: 1)
        case .uniform(let bound):
            tensor.fillUniform(in: -bound..<bound, random: RandomSource(seed: seed, name: name))
        case .normal(let deviation):
            tensor.fillNormal(deviation: deviation, random: RandomSource(seed: seed, name: name))
        }
    }
}
