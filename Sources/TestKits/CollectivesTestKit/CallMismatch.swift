public import Collectives
import Memory

/// Mistakes of a program: rank 1 of four makes another call than the others.
public enum CallMismatch: String, CaseIterable, Sendable {
    case otherCall = "other-call"
    case otherCount = "other-count"
    case otherType = "other-type"
    case otherGroup = "other-group"
    case otherStart = "other-start"

    /// Makes the mistake, all ranks together.
    public func make(on world: any Communicator) throws {
        let half = try world.split(color: world.rank % 2, key: 0, name: "half")
        guard world.rank == 1 else { return try Self.sum([1, 2, 3] as [Float], on: world) }
        switch self {
        case .otherCall: try world.barrier()
        case .otherCount: try Self.sum([1, 2] as [Float], on: world)
        case .otherType: try Self.sum([1, 2, 3] as [Int32], on: world)
        case .otherGroup: try Self.sum([1, 2, 3] as [Float], on: half)
        case .otherStart: try world.allReduceRequest(over: Slice<Float>(zeros: 3), with: .sum).start()
        }
    }

    /// What is to be said about it: one of these sentences, as it is seen by the rank that notices first.
    public var sentences: [String] {
        let right = "calls allReduce by sum of 3 float32 in world [0, 1, 2, 3]"
        let wrong =
            switch self {
            case .otherCall: "calls barrier in world [0, 1, 2, 3]"
            case .otherCount: "calls allReduce by sum of 2 float32 in world [0, 1, 2, 3]"
            case .otherType: "calls allReduce by sum of 3 int32 in world [0, 1, 2, 3]"
            case .otherGroup: "calls allReduce by sum of 3 float32 in half [1, 3]"
            case .otherStart: "calls start allReduce by sum of 3 float32 in world [0, 1, 2, 3]"
            }
        // In the other group rank 1 hears only from rank 3, which is in both.
        return ["rank 0 \(right) while rank 1 \(wrong)"]
            + (self == .otherGroup ? ["rank 1 \(wrong) while rank 3 \(right)"] : [])
    }

    private static func sum<T: CollectiveElement>(_ values: [T], on group: any Communicator) throws {
        var values = values
        var span = values.mutableSpan
        try group.allReduce(&span, with: .sum)
    }
}
