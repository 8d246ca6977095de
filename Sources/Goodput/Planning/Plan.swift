/// What to do about losing machines: how often to save, and how, and what that leaves of the time.
public struct Plan: Sendable, Codable {
    /// The ranks of the job.
    public let ranks: Int

    /// The hosts of the job.
    public let hosts: Int

    /// The seed of all chance.
    public let seed: UInt64

    /// The mean time from having machines to losing them, for the whole job, in seconds.
    public let mtbfSeconds: Double

    /// What work, saves and starts cost.
    public let costs: JobCosts

    /// What the strategy that was asked for makes of it.
    public let chosen: StrategyResult

    /// The interval that was asked for, or the best.
    public let intervalSeconds: Double

    /// Where the time goes with that interval, over thousands of failures.
    public let account: TimeAccount

    /// The share of the time that Daly's formula leaves for work; nil where it does not hold: beside asynchronous saves,
    /// local copies, notices and traces.
    public let dalyGoodput: Double?

    /// How many days were simulated.
    public let days: Double

    /// Where their time went.
    public let simulated: TimeAccount

    /// What the other strategies make of it, and the one that was asked for.
    public let strategies: [StrategyResult]

    /// Goodput by ranks, for each strategy with its best interval.
    public let scaling: [ScalingCurve]

    /// The first of the simulated days on which machines are lost, or else the first.
    public let day: SimulatedDay

    /// Makes a plan; seconds of computing for years of runs.
    ///
    /// - Throws: ``GoodputError`` for what makes no sense.
    public init(_ request: PlanRequest) throws(GoodputError) {
        try request.check()
        let job = JobModel(
            request.costs, request.strategy, request.machines, ranks: request.ranks, seed: request.seed)
        var compared = SaveStrategy.all(request.copies)
        if !compared.contains(request.strategy) { compared.append(request.strategy) }
        strategies = compared.map { StrategyResult(request, $0) }
        scaling = compared.map { ScalingCurve(request, $0) }
        chosen = strategies[compared.firstIndex(of: request.strategy) ?? 0]
        let interval = request.interval.map(job.whole) ?? chosen.bestSeconds
        ranks = request.ranks
        hosts = job.hosts
        seed = request.seed
        mtbfSeconds = job.mtbf
        costs = request.costs
        intervalSeconds = interval
        account = job.account(interval: interval, duration: job.duration(request.effort))
        dalyGoodput = Self.dalyGoodput(request, job, interval: interval)
        days = request.days
        simulated = job.account(interval: interval, duration: request.days * 86400)
        day = SimulatedDay(job, interval: interval, days: request.days)
    }

    private static func dalyGoodput(_ request: PlanRequest, _ job: JobModel, interval: Double) -> Double? {
        guard case .atRandom(let model) = request.machines, model.noticedShare == 0, model.replacementSeconds == 0,
            !request.strategy.isAsynchronous, request.strategy.localCopies == nil
        else { return nil }
        return SaveInterval.expectedGoodput(
            interval: interval, save: job.saves.stallSeconds, restart: job.saves.restartSeconds, mtbf: job.mtbf)
    }
}
