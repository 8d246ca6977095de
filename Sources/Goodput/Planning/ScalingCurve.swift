/// Goodput by the number of ranks, each with its best interval.
public struct ScalingCurve: Sendable, Codable {
    /// What holds with so many ranks.
    public struct Point: Equatable, Sendable, Codable {
        /// The ranks.
        public let ranks: Int
        /// The best interval, in seconds.
        public let interval: Double
        /// The share of the time that is work which stays.
        public let goodput: Double
    }

    /// The name of the strategy.
    public let strategy: String

    /// By rising ranks.
    public let points: [Point]

    /// The numbers of ranks.
    static let ranks = [8, 24, 64, 200, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000]

    init(_ request: PlanRequest, _ strategy: SaveStrategy) {
        self.strategy = strategy.name
        points = Self.ranks.compactMap { ranks in
            guard request.machines.has(hosts: request.costs.hosts(ranks: ranks)) else { return nil }
            let job = JobModel(request.costs, strategy, request.machines, ranks: ranks, seed: request.seed)
            let best = job.search(.quick).best
            return Point(ranks: ranks, interval: job.whole(best.interval), goodput: best.goodput)
        }
    }
}
