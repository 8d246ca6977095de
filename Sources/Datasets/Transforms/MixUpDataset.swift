import Glibc
import Memory
public import Tensors

/// Samples mixed with others: λ · sample + (1 − λ) · another, in every column, with λ from the distribution Beta(α, α)
/// (Zhang et al., 2018; MindSpore's `vision.MixUpBatch`).
///
/// Which other, and how much of it, is a function of the pass and the sample, so batches may be of any size and on any ranks.
public struct MixUpDataset: Dataset {
    private let base: any Dataset
    private let alpha: Double

    init(_ base: any Dataset, alpha: Double) throws {
        insist(alpha > 0 && alpha.isFinite, "the alpha of a mixture cannot be \(alpha); it is a number above 0")
        for column in base.columns where column.elementType != .float32 {
            throw DataError.mismatch(
                "the column '\(column.name)' is \(column.elementType), and only float32 can be mixed; OneHot makes classes that"
            )
        }
        self.base = base
        self.alpha = alpha
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MixUpDataset {
    public var columns: [DataColumn] { base.columns }
    public var count: Int { base.count }
    public var transformDepth: Int { base.transformDepth + 1 }
    public var residentByteCount: Int { base.residentByteCount }

    public func fingerprint() throws -> String { "\(try base.fingerprint()), mixed by \(alpha)" }

    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        try copySamples(indices, in: .none, into: tensors)
    }

    public func copySamples(_ indices: ArraySlice<Int>, in pass: SamplePass, into tensors: [Tensor]) throws {
        try base.copySamples(indices, in: pass, into: tensors)
        let mixtures = indices.map {
            Mixture(of: $0, among: count, alpha, pass.numbers(for: "\(transformDepth) mixed \($0)"))
        }
        let others = tensors.map { Tensor(zeros: $0.shape) }
        try base.copySamples(mixtures.map(\.partner)[...], in: pass, into: others)
        for (tensor, other) in zip(tensors, others) {
            let (targets, sources) = (tensor.slice(of: Float.self), other.slice(of: Float.self))
            var values = targets.mutableSpan
            let size = values.count / max(mixtures.count, 1)
            for (row, mixture) in mixtures.enumerated() {
                for place in row * size..<(row + 1) * size {
                    values[place] = mixture.share * values[place] + (1 - mixture.share) * sources.span[place]
                }
            }
        }
    }
}

extension Dataset {
    /// The same samples, each mixed with another one; all columns must be float32, classes as ``OneHot``.
    public func mixUp(alpha: Double) throws -> MixUpDataset { try MixUpDataset(self, alpha: alpha) }
}

/// With which sample one is mixed, and how much of itself stays.
private struct Mixture {
    let partner: Int
    let share: Float

    init(of sample: Int, among count: Int, _ alpha: Double, _ random: RandomSource) {
        partner = random.integer(below: count, at: 0)
        var numbers = NumberStream(random: random, next: 2)
        let (a, b) = (numbers.gamma(alpha), numbers.gamma(alpha))
        // Both may vanish where alpha is tiny.
        share = a + b > 0 ? Float(a / (a + b)) : 1
    }
}

/// Numbers of a stream, one after the other.
private struct NumberStream {
    let random: RandomSource
    var next: Int

    /// In 0..<1, but not 0.
    private mutating func uniform() -> Double {
        defer { next += 2 }
        return max(random.fineUniform(at: next), 0x1p-49)
    }

    private mutating func normal() -> Double {
        let (radius, angle) = (uniform(), uniform())
        return (-2 * log(radius)).squareRoot() * cos(2 * Double.pi * angle)
    }

    /// From the distribution Gamma(shape, 1) (Marsaglia and Tsang, 2000).
    mutating func gamma(_ shape: Double) -> Double {
        guard shape >= 1 else { return pow(uniform(), 1 / shape) * gamma(shape + 1) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = pow(1 + c * x, 3)
            guard v > 0 else { continue }
            if log(uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }
}
