/// Whether a stop is over before the machines are taken.
public struct GraceCheck: Equatable, Sendable, Codable {
    /// How long a stop takes at most: the step, or the save, that has just begun, and the save of the stop.
    public let neededSeconds: Double

    /// From the notice to the end of the machines.
    public let noticeSeconds: Double

    /// The fewest ranks with which the notice suffices; nil if there are none.
    public let sufficesFrom: Int?

    /// The fewest ranks from which on it never suffices; nil if it does up to the most that are planned for.
    public let tooShortFrom: Int?

    /// The ranks that a host adds.
    public let ranksPerHost: Int

    /// Whether it suffices with the ranks that were asked about.
    public var suffices: Bool { neededSeconds <= noticeSeconds }

    init(_ costs: JobCosts, _ strategy: SaveStrategy, ranks: Int) {
        noticeSeconds = costs.noticeSeconds
        ranksPerHost = costs.ranksPerHost
        neededSeconds = Self.needed(costs, strategy, ranks)
        let perHost = costs.ranksPerHost
        let hosts = 1...max(1, JobCosts.largestRanks / perHost)
        let suffices = { Self.needed(costs, strategy, $0 * perHost) <= costs.noticeSeconds }
        sufficesFrom = hosts.first(where: suffices).map { $0 * perHost }
        let last = hosts.reversed().first(where: suffices) ?? 0
        tooShortFrom = last == hosts.upperBound ? nil : (last + 1) * perHost
    }

    private static func needed(_ costs: JobCosts, _ strategy: SaveStrategy, _ ranks: Int) -> Double {
        SaveCosts(costs, strategy, ranks: ranks).longestStop(stepSeconds: costs.stepSeconds)
    }
}
