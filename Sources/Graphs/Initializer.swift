import Layouts
import Memory
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
        insist(fanIn > 0, "a layer has at least 1 input, not \(fanIn)")
        return .uniform(bound: 1 / Float(fanIn).squareRoot())
    }

    /// Fills a float32 tensor, the part `range` of a whole. The numbers depend on nothing but seed, name and their place in
    /// the whole.
    func fill(_ tensor: Tensor, _ range: ShardRange, of whole: Shape, seed: UInt64, name: String) {
        let random = RandomSource(seed: seed, name: name)
        switch self {
        case .zeros: tensor.fill(with: 0)
        case .ones: tensor.fill(with: 1)
        case .uniform(let bound):
            forEachRun(tensor, range, of: whole) { $0.fillUniform(in: -bound..<bound, random: random, from: $1) }
        case .normal(let deviation):
            forEachRun(tensor, range, of: whole) { $0.fillNormal(deviation: deviation, random: random, from: $1) }
        }
    }

    /// Calls `body` with each stretch of elements that lie together in the whole too, and the place of its first there.
    private func forEachRun(_ tensor: Tensor, _ range: ShardRange, of whole: Shape, _ body: (Tensor, Int) -> Void) {
        let own = ShardRange(whole: range.shape)
        for run in CopyRuns(range, in: whole.dimensions, to: own, in: range.shape) {
            let bytes = tensor.bytes[run.target * 4..<(run.target + run.count) * 4]
            body(Tensor(shape: [run.count], elementType: .float32, bytes: bytes), run.source)
        }
    }
}
