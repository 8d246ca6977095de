public import Graphs
import Tensors

/// Which part of every parameter a rank updates and keeps the state for (Rajbhandari et al., "ZeRO", 2020).
///
/// Ranks that hold the same parameters need not all keep moments for all of them: each takes its rows, along dimension
/// 0, and the ranks then collect each other's. A parameter whose rows cannot be shared evenly is updated by all.
public struct OptimizerShare: Sendable {
    /// How many ranks share.
    public let parts: Int

    /// Which of the parts this rank has.
    public let part: Int

    /// Every rank updates everything.
    public static let whole = OptimizerShare(part: 0, of: 1)

    /// Makes the share of one of `parts` ranks.
    public init(part: Int, of parts: Int) {
        precondition((0..<parts).contains(part), "there is no part \(part) of \(parts)")
        self.parts = parts
        self.part = part
    }

    /// This rank's rows of a parameter, in the memory of the parameter.
    func part(of parameter: Parameter) -> Parameter {
        guard parts > 1, let rows = parameter.shape.dimensions.first, rows % parts == 0 else { return parameter }
        return parameter.rows(rows / parts * part..<rows / parts * (part + 1), parts: parts)
    }
}
