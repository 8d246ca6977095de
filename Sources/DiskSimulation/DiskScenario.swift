package import RandomTestKit

/// A disk and what goes wrong with it, as a plain value: whoever looks for the smallest that still goes wrong drops faults.
package struct DiskScenario: Sendable, Hashable, CustomStringConvertible {
    /// Whose it is.
    package var reach: SimulatedDisk.Reach

    /// What decides between all that may happen.
    package var seed: UInt64

    /// Within what time one host sees the names of others.
    package var visibilityDelay: Duration

    package var faults: [DiskFault]

    package init(
        _ reach: SimulatedDisk.Reach, seed: UInt64, visibilityDelay: Duration = .zero, faults: [DiskFault] = []
    ) {
        self.reach = reach
        self.seed = seed
        self.visibilityDelay = visibilityDelay
        self.faults = faults
    }

    /// Draws one that hosts share, or of host 0 if there is no other: half of them with no fault or one, some with many.
    package static func draw(from chance: inout Chance, hosts: Int, operations: Int) -> DiskScenario {
        let isShared = hosts > 1 || chance.happens(onceIn: 2)
        let counts = [0, 0, 1, 1, 1, 2, 3, 6]
        let delays: [Duration] = [.zero, .zero, .seconds(1), .seconds(30), .seconds(60)]
        let count = chance.one(of: counts) ?? 0
        let delay = chance.one(of: delays) ?? .zero
        return DiskScenario(
            isShared ? .shared : .host(0), seed: chance.seed(), visibilityDelay: hosts > 1 ? delay : .zero,
            faults: DiskFaults(hosts: hosts, operations: operations).draw(count, from: &chance))
    }

    /// Makes the disk. `now` tells the time of the simulation, and `delay` lets it pass.
    package func makeDisk(
        now: @escaping @Sendable () -> Duration, delay: @escaping @Sendable (Duration) -> Void
    ) -> SimulatedDisk {
        SimulatedDisk(reach, seed: seed, faults: faults, visibilityDelay: visibilityDelay, now: now, delay: delay)
    }

    /// A line for the disk, and one for each fault.
    package var description: String {
        let owner =
            switch reach {
            case .shared: "shared disk"
            case .host(let host): "disk of host \(host)"
            }
        let late = visibilityDelay > .zero ? ", names up to \(visibilityDelay) late" : ""
        return (["\(owner), seed \(seed)\(late)"] + faults.map { "  \($0)" }).joined(separator: "\n")
    }
}
