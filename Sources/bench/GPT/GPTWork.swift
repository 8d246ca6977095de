import Lockstep

/// The arithmetic of a GPT's training step.
struct GPTWork {
    let sizes: GPTSizes
    let samples: Int

    var tokens: Int { samples * sizes.length }

    /// Floating-point operations of a step's matrix products; all else is left out, as is usual for such figures.
    ///
    /// A token meets each number of a matrix in one multiplication and one addition, and again twice on the way back: six
    /// operations. A block has 12 · width² such numbers, the head vocabulary · width. Attention multiplies queries with keys
    /// and weights with values, over half of all pairs, since no token sees those behind it.
    var operations: Double {
        let width = Double(sizes.width)
        let matrices = Double(sizes.layers) * 12 * width * width + Double(sizes.vocabulary) * width
        let pairs = Double(sizes.length + 1) / 2
        let attention = Double(sizes.layers) * 2 * width * pairs
        return Double(tokens) * 6 * (matrices + attention)
    }
}
