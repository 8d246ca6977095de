/// Why a mesh, a layout or a slice cannot be as it was asked for.
public enum LayoutError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two axes of a mesh have one name.
    case axisTwice(String)

    /// An axis of a mesh has a name that stands for no axis.
    case axisName(String)

    /// An axis of a mesh has no ranks.
    case axisSize(axis: String, size: Int)

    /// The mesh has another number of ranks than the world.
    case rankCount(mesh: DeviceMesh, ranks: Int)

    /// The axes of a mesh multiply to more ranks than ``DeviceMesh/rankLimit``.
    case tooManyRanks(deviceMatrix: [Int])

    /// A mesh has more axes than ``DeviceMesh/axisLimit``.
    case tooManyAxes(Int)

    /// A layout names an axis that its mesh does not have.
    case axisUnknown(String, mesh: DeviceMesh)

    /// A layout uses an axis for two dimensions, or twice for one.
    case axisUsedTwice(String)

    /// A tensor map names an axis that its device matrix does not have.
    case tensorMap([[Int]], deviceMatrix: [Int])

    /// The layout is made for tensors of another number of dimensions.
    case dimensionCount(layout: TensorLayout, shape: [Int])

    /// A dimension cannot be cut into parts of one size.
    case notDivisible(dimension: Int, shape: [Int], parts: Int)

    /// Optimizer shards do not come out even over the ranks that hold the same slice.
    case optimizerShards(parts: Int, replicas: Int)

    /// A tensor, or the slice of one, has a shape whose bytes cannot be counted.
    case tooLarge([Int])

    /// One sentence.
    public var description: String {
        switch self {
        case .axisTwice(let name): "the mesh has two axes \(name)"
        case .axisName(let name): "\"\(name)\" cannot be the name of a mesh axis"
        case .axisSize(let axis, let size): "mesh axis \(axis) has size \(size), and at least 1 is needed"
        case .rankCount(let mesh, let ranks): "the mesh \(mesh) has \(mesh.rankCount) ranks, but there are \(ranks)"
        case .tooManyRanks(let matrix):
            "a mesh of \(matrix) has more ranks than the \(DeviceMesh.rankLimit) that are allowed"
        case .tooManyAxes(let count):
            "a mesh of \(count) axes has more than the \(DeviceMesh.axisLimit) that are allowed"
        case .axisUnknown(let name, let mesh): "the mesh \(mesh) has no axis \(name)"
        case .axisUsedTwice(let name): "the layout uses mesh axis \(name) twice"
        case .tensorMap(let map, let matrix): "the tensor map \(map) does not fit the device matrix \(matrix)"
        case .dimensionCount(let layout, let shape):
            "the layout \(layout) is for \(layout.axes.count) dimensions, and a tensor of \(shape) has \(shape.count)"
        case .notDivisible(let dimension, let shape, let parts):
            "dimension \(dimension) of a tensor of \(shape) cannot be divided into \(parts) equal parts"
        case .tooLarge(let shape): "a tensor in slices such as \(shape) has more bytes than can be counted"
        case .optimizerShards(let parts, let replicas):
            "\(parts) optimizer shards cannot be divided evenly among \(replicas) ranks that hold the same slice"
        }
    }
}
