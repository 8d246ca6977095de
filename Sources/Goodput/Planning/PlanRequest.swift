/// What a plan is asked for.
public struct PlanRequest: Sendable {
    /// What work, saves and starts cost.
    public var costs = JobCosts()

    /// How machines are lost.
    public var machines = Machines.atRandom(FailureModel())

    /// The ranks of the job.
    public var ranks = 64

    /// How it saves.
    public var strategy = SaveStrategy(.sharded)

    /// Local copies, where strategies with them are compared.
    public var copies = SaveStrategy.LocalCopies()

    /// The work between two saves in seconds; nil: the best.
    public var interval: Double?

    /// How many days of the run are simulated.
    public var days = 30.0

    /// What decides when machines are lost.
    public var seed: UInt64 = 1

    /// How much is tried.
    var effort = SearchEffort.thorough

    /// Asks for a plan with the defaults.
    public init() {}

    func check() throws(GoodputError) {
        try JobCosts.check(ranks: ranks)
        try costs.check()
        try machines.check()
        try strategy.check()
        try SaveStrategy(.sharded, localCopies: copies).check()
        try GoodputError.check("the number of days", days, in: 0.01...3660, "from 0.01 to 3660")
        if let interval { try GoodputError.checkPositiveTime("the interval between saves in seconds", interval) }
        let hosts = costs.hosts(ranks: ranks)
        if case .atRandom(let model) = machines {
            let mtbf = model.mtbf(hosts: hosts)
            guard mtbf >= 10 else {
                throw .badNumber(
                    name: "the mean time between failures of the whole job in seconds", value: mtbf,
                    allowed: "at least 10")
            }
        }
        guard case .trace(let trace) = machines else { return }
        guard machines.has(hosts: hosts) else {
            throw .badTrace(
                place: "data",
                reason:
                    "has at most \(trace.machines.max() ?? 0) machines; \(ranks) ranks with \(costs.ranksPerHost) on a "
                    + "host need \(hosts)")
        }
    }
}
