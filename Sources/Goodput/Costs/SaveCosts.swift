/// What saves and starts of a job cost by one strategy on one number of ranks, in seconds.
public struct SaveCosts: Equatable, Sendable, Codable {
    /// How long every save keeps the run.
    public let stallSeconds: Double

    /// How much longer one does that goes to shared storage, where others go to local disks.
    public let flushStallSeconds: Double

    /// From when the run goes on to the publication of the set.
    public let lagSeconds: Double

    /// How long a save to shared storage takes that nothing runs beside, as at a stop.
    public let exitSaveSeconds: Double

    /// From a failure to the next step.
    public let restartSeconds: Double

    /// Every n-th save goes to shared storage; 1 without local copies.
    public let flushEvery: Int

    /// Costs that are known; by default those of a save that the run waits for.
    public init(
        stallSeconds: Double, flushStallSeconds: Double = 0, lagSeconds: Double = 0, exitSaveSeconds: Double? = nil,
        restartSeconds: Double, flushEvery: Int = 1
    ) {
        self.stallSeconds = stallSeconds
        self.flushStallSeconds = flushStallSeconds
        self.lagSeconds = lagSeconds
        self.exitSaveSeconds = exitSaveSeconds ?? stallSeconds
        self.restartSeconds = restartSeconds
        self.flushEvery = flushEvery
    }

    /// Works out the costs of a job of so many ranks.
    public init(_ costs: JobCosts, _ strategy: SaveStrategy, ranks: Int) {
        let bytes = costs.state.bytes(ranks: ranks)
        let hosts = Double(costs.hosts(ranks: ranks))
        let write = costs.saveOverheadSeconds + Self.transfer(bytes, costs, strategy.writers, hosts: hosts)
        let snapshot = costs.saveOverheadSeconds + bytes / hosts / costs.copyBandwidth
        let restart =
            costs.detectionSeconds + costs.restartSeconds
            + costs.restartSecondsPerThousandRanks * Double(ranks) / 1000
            + bytes / min(costs.sharedBandwidth, hosts * costs.hostBandwidth)
        exitSaveSeconds = write
        restartSeconds = restart
        lagSeconds = strategy.isAsynchronous ? write : 0
        flushEvery = strategy.localCopies?.flushEvery ?? 1
        guard let copies = strategy.localCopies else {
            stallSeconds = strategy.isAsynchronous ? snapshot : write
            flushStallSeconds = 0
            return
        }
        // A partner's copy goes over the network while the own one is written, and lies on the same disk.
        let own = bytes / hosts
        let copy =
            copies.hasPartner
            ? max(2 * own / costs.localBandwidth, own / costs.hostBandwidth) : own / costs.localBandwidth
        stallSeconds = costs.saveOverheadSeconds + copy
        flushStallSeconds = strategy.isAsynchronous ? 0 : write
    }

    /// How long the bytes are on their way to shared storage.
    private static func transfer(
        _ bytes: Double, _ costs: JobCosts, _ writers: SaveStrategy.Writers, hosts: Double
    ) -> Double {
        switch writers {
        case .sharded: return bytes / min(costs.sharedBandwidth, hosts * costs.hostBandwidth)
        case .integrated:
            let gathered = bytes * (1 - 1 / hosts)
            return gathered / costs.hostBandwidth + bytes / min(costs.sharedBandwidth, costs.hostBandwidth)
        }
    }

    /// The longest that a stop can take: a step that has just begun, or a save that is being written, and the save of the
    /// stop.
    public func longestStop(stepSeconds: Double) -> Double { max(stepSeconds, lagSeconds) + exitSaveSeconds }

    /// A save's part of the run's time as the formulas of Young and Daly know it.
    var meanStallSeconds: Double { stallSeconds + flushStallSeconds / Double(flushEvery) }
}
