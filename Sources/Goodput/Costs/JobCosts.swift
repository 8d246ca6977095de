/// What the work of a job, its saves and its starts cost: measured or assumed, in seconds, bytes and bytes a second.
public struct JobCosts: Equatable, Sendable, Codable {
    /// The ranks on each host.
    public var ranksPerHost = 8

    /// How long a step takes.
    public var stepSeconds = 1.0

    /// What is saved.
    public var state = StateSize.total(bytes: 20e9)

    /// How fast the shared storage takes and gives the bytes of all hosts together.
    public var sharedBandwidth = 2e9

    /// How fast a host sends and receives.
    public var hostBandwidth = 1.25e9

    /// How fast the disk of a host writes and reads.
    public var localBandwidth = 1e9

    /// How fast a host copies in memory, which is what the snapshot of an asynchronous save costs.
    public var copyBandwidth = 5e9

    /// What a save takes beside its bytes: agreements, syncs, the manifest.
    public var saveOverheadSeconds = 0.5

    /// From a failure to the moment at which the job is known to have ended.
    public var detectionSeconds = 30.0

    /// From there to the first step on few ranks, without reading the state.
    public var restartSeconds = 60.0

    /// By how much that grows with every 1000 ranks.
    public var restartSecondsPerThousandRanks = 5.0

    /// From the notice that machines will be taken to the moment at which they are.
    public var noticeSeconds = 120.0

    /// Costs as those of an ordinary cluster: 10 Gbit/s a host, a shared file system of 2 GB/s.
    public init() {}

    /// The most ranks that are planned for.
    public static let largestRanks = 100_000

    /// The hosts of a job of so many ranks.
    public func hosts(ranks: Int) -> Int { (ranks + ranksPerHost - 1) / ranksPerHost }

    /// Throws unless all of it makes sense.
    public func check() throws(GoodputError) {
        try GoodputError.check(
            "the number of ranks on a host", Double(ranksPerHost), in: 1...Double(Self.largestRanks),
            "from 1 to \(Self.largestRanks)")
        try GoodputError.checkPositiveTime("the time of a step in seconds", stepSeconds)
        try state.check()
        for (name, value) in [
            ("the bandwidth to shared storage", sharedBandwidth), ("the bandwidth of a host", hostBandwidth),
            ("the bandwidth to a local disk", localBandwidth), ("the bandwidth of memory", copyBandwidth),
        ] {
            try GoodputError.checkPositive(name, value)
        }
        for (name, value) in [
            ("the time of a save beside its bytes", saveOverheadSeconds),
            ("the time to detect a failure", detectionSeconds), ("the time of a restart", restartSeconds),
            ("the time of a restart for every 1000 ranks", restartSecondsPerThousandRanks),
            ("the notice", noticeSeconds),
        ] {
            try GoodputError.checkTime(name, value)
        }
    }

    /// Throws unless a number of ranks can be planned for.
    public static func check(ranks: Int) throws(GoodputError) {
        try GoodputError.check(
            "the number of ranks", Double(ranks), in: 1...Double(largestRanks), "from 1 to \(largestRanks)")
    }
}
