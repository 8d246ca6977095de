import Graphs
import Layouts

/// A cell that may be one rank's part of a network, and knows what all parts together are.
public protocol PartitionedCell: Cell {
    /// The network for one rank: its parameters have the same names, the shapes of the whole, and no values.
    func whole() -> any Cell
}

/// A loss that may be one rank's part of it.
public protocol PartitionedLoss: Loss {
    /// The loss for one rank.
    func whole() -> any Loss
}

extension Cell {
    /// Whether this rank has all of every parameter.
    public var isWhole: Bool { parameters.allSatisfy { $0.sharding?.isReplicated ?? true } }
}
