package import Collectives

/// Ranks that ended at different steps: the promise was broken, and no set of this run is to be trusted.
package struct RanksApart: Error, CustomStringConvertible {
    private let lowest: Int64
    private let highest: Int64

    package var description: String {
        "ranks ended between step \(lowest) and step \(highest) instead of at the same step"
    }

    /// Throws, on all ranks alike, unless all are at this step.
    package static func check(step: Int, in world: any Communicator) throws {
        let lowest = try world.allReduce(Int64(step), with: .minimum)
        let highest = try world.allReduce(Int64(step), with: .maximum)
        guard lowest == highest else { throw RanksApart(lowest: lowest, highest: highest) }
    }
}
