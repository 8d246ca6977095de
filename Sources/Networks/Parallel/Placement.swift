public import Layouts
import Memory

/// The mesh of ranks that a network is spread over, and which of them this one is.
///
/// The mesh has an axis `dp` (data parallel: ranks that hold the same and see other samples) and an axis `tp` (tensor
/// parallel: ranks that share the tensors of a layer and see the same samples).
public struct Placement: Sendable {
    /// All ranks.
    public let mesh: DeviceMesh

    /// This rank's number in the mesh.
    public let rank: Int

    /// The name of the axis along which layers are split, and of its group of ranks.
    public static let tensorAxis = "tp"

    /// The name of the axis along which batches are split, and of its group of ranks.
    public static let dataAxis = "dp"

    /// Makes the placement of a rank on a mesh dp × tp, in which neighbours share layers; without the axis tp if its size
    /// is 1.
    ///
    /// - Throws: `LayoutError` if dp · tp is not the number of ranks, or one of them is below 1.
    public init(dp: Int, tp: Int, rank: Int, of ranks: Int) throws(LayoutError) {
        let mesh = try DeviceMesh([Self.dataAxis: dp, Self.tensorAxis: tp])
        try mesh.check(rankCount: ranks)
        self.mesh = tp == 1 ? try DeviceMesh([Self.dataAxis: dp]) : mesh
        self.rank = rank
    }

    /// Every one of `ranks` ranks holds the whole network.
    public static func replicated(rank: Int, of ranks: Int) -> Placement {
        do {
            return try Placement(dp: ranks, tp: 1, rank: rank, of: ranks)
        } catch {
            misuse("\(error)")
        }
    }

    /// A network on one rank.
    public static let whole = replicated(rank: 0, of: 1)

    /// How many ranks share a layer.
    public var tensorParts: Int { mesh.axes.count > 1 ? mesh.axes[1].size : 1 }

    /// Which of their parts this rank has.
    public var tensorPart: Int { mesh.axes.count > 1 ? mesh.coordinates(of: rank)[1] : 0 }

    /// How many ranks share a batch.
    public var dataParts: Int { mesh.axes[0].size }

    /// Which of their parts this rank has.
    public var dataPart: Int { mesh.coordinates(of: rank)[0] }
}
