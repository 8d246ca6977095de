/// What one strategy makes of a job.
public struct StrategyResult: Equatable, Sendable, Codable {
    /// Its name.
    public let name: String

    /// What its saves and starts cost.
    public let saves: SaveCosts

    /// The interval after Young, with the mean stall of its saves.
    public let youngSeconds: Double

    /// The interval after Daly.
    public let dalySeconds: Double

    /// The best interval, in whole steps.
    public let bestSeconds: Double

    /// The shortest interval that gives up at most 1 % of the best goodput.
    public let shortestGoodSeconds: Double

    /// The longest one.
    public let longestGoodSeconds: Double

    /// Where the time goes with the best interval, over thousands of failures.
    public let account: TimeAccount

    /// The share of the time that is work which stays, with the best interval.
    public let goodput: Double

    /// Goodput by interval, as far as it was tried.
    public let curve: [IntervalPoint]

    /// Whether a stop is over before the machines are taken.
    public let grace: GraceCheck
}

extension StrategyResult {
    /// Tries a strategy.
    init(_ request: PlanRequest, _ strategy: SaveStrategy) {
        let job = JobModel(request.costs, strategy, request.machines, ranks: request.ranks, seed: request.seed)
        let search = job.search(request.effort)
        let range = search.range(within: 0.01)
        name = strategy.name
        saves = job.saves
        youngSeconds = job.young
        dalySeconds = job.daly
        bestSeconds = job.whole(search.best.interval)
        shortestGoodSeconds = job.whole(range.lowerBound)
        longestGoodSeconds = job.whole(range.upperBound)
        account = job.account(interval: bestSeconds, duration: job.duration(request.effort))
        goodput = account.goodput
        curve = search.points
        grace = GraceCheck(request.costs, strategy, ranks: request.ranks)
    }
}
