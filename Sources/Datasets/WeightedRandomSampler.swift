import Files
import Memory
import Tensors

/// Draws samples by their weights, with replacement (MindSpore's `WeightedRandomSampler`): rare ones may come as often as others.
///
/// What is drawn at a place of an epoch is a function of the run's seed, the epoch and the place alone.
public struct WeightedRandomSampler: Sendable, CustomStringConvertible {
    /// How many samples an epoch draws (`num_samples`).
    public let count: Int

    /// The sums of the weights up to each sample.
    private let sums: [Double]

    /// Makes a sampler with one weight a sample, none negative; by default an epoch draws as many samples as there are.
    public init(weights: [Double], count: Int? = nil) {
        insist(
            weights.allSatisfy { $0 >= 0 && $0.isFinite },
            "a weight of a sample is negative or no number; 0 and more is allowed")
        var sums: [Double] = []
        for weight in weights { sums.append((sums.last ?? 0) + weight) }
        let sum = sums.last ?? 0
        insist(sum > 0 && sum.isFinite, "the weights of \(weights.count) samples add up to \(sum); one must be above 0")
        let count = count ?? weights.count
        insist(count > 0, "an epoch cannot draw \(count) samples")
        self.count = count
        self.sums = sums
    }

    /// Makes a sampler that draws each class as often as the others, from the class of each sample.
    public static func balanced(classes: [Int32], count: Int? = nil) -> WeightedRandomSampler {
        var sizes: [Int32: Double] = [:]
        for label in classes { sizes[label, default: 0] += 1 }
        return WeightedRandomSampler(weights: classes.map { 1 / sizes[$0, default: 1] }, count: count)
    }

    /// The number of samples and draws, and a checksum of the weights.
    public var description: String {
        "\(count) of \(sums.count) by weights \(Checksum(ofBits: sums.map(\.bitPattern)).hexadecimal)"
    }

    var byteCount: Int { sums.count * MemoryLayout<Double>.stride }

    func check(_ dataset: any Dataset, hasOtherOrder: Bool) throws(DataError) {
        guard sums.count == dataset.count else {
            throw .mismatch(
                "the sampler has \(sums.count) weights and the dataset \(dataset.count) samples; each needs one")
        }
        guard !hasOtherOrder else {
            throw .mismatch("a loader with a sampler has its order from it; it cannot shuffle or have buckets too")
        }
    }

    /// The sample that is drawn at a place.
    func sample(at place: Int, _ random: RandomSource) -> Int {
        let total = sums[sums.count - 1]
        let wanted = random.fineUniform(at: 2 * place) * total
        // The first whose sum is above it: one of weight 0 is never drawn.
        var (low, high) = (0, sums.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > wanted { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
