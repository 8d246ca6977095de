/// The mesh axes that split one dimension of a tensor: `"tp"`, `nil` for none, `["dp", "tp"]` for several, of which
/// the first is the major one.
public struct DimensionSplit: Hashable, Sendable {
    /// The word that stands for no axis in MindSpore's layouts.
    static let noneName = "None"

    /// The names of the axes, the major one first.
    public let axisNames: [String]

    /// Splits a dimension by these axes. MindSpore's "None" stands for none of them.
    public init(_ axisNames: [String]) {
        self.axisNames = axisNames.filter { $0 != Self.noneName }
    }

    /// The dimension is not split.
    public static let replicated = DimensionSplit([])
}

extension DimensionSplit: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByNilLiteral {
    /// Splits a dimension by one axis.
    public init(stringLiteral axisName: String) {
        self.init([axisName])
    }

    /// Splits a dimension by several axes, the major one first.
    public init(arrayLiteral axisNames: String...) {
        self.init(axisNames)
    }

    /// The dimension is not split.
    public init(nilLiteral: ()) {
        self.init([])
    }
}

extension DeviceMesh {
    /// Lays tensors out on this mesh, an argument a dimension: `layout("dp", "tp")`, `layout(nil, "tp")`,
    /// `layout(["dp", "tp"])`, and `layout()` for numbers.
    ///
    /// Throws ``LayoutError`` if an axis is unknown or used twice.
    public func layout(_ splits: DimensionSplit...) throws(LayoutError) -> TensorLayout {
        try layout(splits: splits)
    }

    /// Lays tensors out on this mesh, an element a dimension. Throws as ``layout(_:)`` does.
    public func layout(
        splits: [DimensionSplit], optimizerShard: OptimizerShard = .none
    ) throws(LayoutError) -> TensorLayout {
        var axes: [[Int]] = []
        for split in splits {
            var indices: [Int] = []
            for name in split.axisNames { indices.append(try index(of: name)) }
            axes.append(indices)
        }
        return try TensorLayout(mesh: self, axes: axes, optimizerShard: optimizerShard)
    }

    /// The layout of tensors that every rank holds whole.
    public func replicated(dimensionCount: Int) -> TensorLayout {
        TensorLayout(replicatedOn: self, dimensionCount: dimensionCount)
    }
}
