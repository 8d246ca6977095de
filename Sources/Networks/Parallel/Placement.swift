public import Layouts

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

    /// A network that one rank, or every rank, holds whole.
    public static let whole = Placement(dp: 1, tp: 1, rank: 0)

    /// Makes the placement of a rank on a mesh dp × tp, in which neighbours share layers.
    public init(dp: Int, tp: Int, rank: Int) {
        mesh = DeviceMesh([Self.dataAxis: dp, Self.tensorAxis: tp])
        self.rank = rank
    }

    /// How many ranks share a layer.
    public var tensorParts: Int { mesh.size(of: Self.tensorAxis) }

    /// Which of their parts this rank has.
    public var tensorPart: Int { mesh.coordinate(of: rank, along: Self.tensorAxis) }

    /// How many ranks share a batch.
    public var dataParts: Int { mesh.size(of: Self.dataAxis) }

    /// Which of their parts this rank has.
    public var dataPart: Int { mesh.coordinate(of: rank, along: Self.dataAxis) }
}
