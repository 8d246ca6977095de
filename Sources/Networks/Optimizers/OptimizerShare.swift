import Graphs
import Layouts
import Tensors

/// Which part of every parameter a rank updates and keeps the state for (Rajbhandari et al., "ZeRO", 2020).
///
/// Ranks that hold the same parameters need not all keep moments for all of them: each takes its rows, along dimension
/// 0, and the ranks then collect each other's. A parameter whose rows cannot be shared evenly is updated by all.
public struct OptimizerShare: Sendable {
    private let placement: Placement?

    /// Every rank updates everything that it has.
    public static let whole = OptimizerShare(placement: nil)

    private init(placement: Placement?) {
        self.placement = placement
    }

    /// The ranks along the axis `dp` of a placement share.
    public static func overData(of placement: Placement) -> OptimizerShare {
        OptimizerShare(placement: placement.dataParts > 1 ? placement : nil)
    }

    /// This rank's rows of a parameter, in the memory of the parameter.
    func part(of parameter: Parameter) -> Parameter {
        guard let placement, parameter.shape.rank > 0 else { return parameter }
        let whole = parameter.wholeShape.dimensions
        let layout = parameter.sharding?.layout ?? placement.mesh.replicated(dimensionCount: whole.count)
        guard let finer = try? TensorSharding(of: whole, layout.splitting(0, by: Placement.dataAxis)) else {
            return parameter
        }
        return parameter.rows(of: finer, rank: placement.rank)
    }
}
