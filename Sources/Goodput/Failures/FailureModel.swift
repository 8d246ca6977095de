/// How machines are lost: at random, as often as they are on average.
public struct FailureModel: Equatable, Sendable, Codable {
    /// The mean time between failures of a host, in seconds.
    ///
    /// The default is that of the 16,384 GPUs, eight a host, of Llama 3: 419 unexpected interruptions in 54 days (A. Dubey
    /// et al., "The Llama 3 Herd of Models", 2024).
    public var hostMTBF = 264.0 * 86400

    /// The hosts that fail together, as those of a rack do.
    public var hostsPerFailure = 1

    /// The share of failures that end processes and leave the hosts as they are: 22 % in the same training.
    public var processShare = 0.22

    /// The share of failures that are announced, by as long a notice as the costs have.
    public var noticedShare = 0.0

    /// How long it takes until hosts that were lost are replaced; 0 if others stand by.
    public var replacementSeconds = 0.0

    /// Failures as they are with large clusters.
    public init() {}

    /// The mean time between failures of a job on so many hosts.
    public func mtbf(hosts: Int) -> Double { hostMTBF * Double(hostsPerFailure) / Double(max(hosts, hostsPerFailure)) }

    /// Throws unless all of it makes sense.
    public func check() throws(GoodputError) {
        try GoodputError.checkPositiveTime("the mean time between failures of a host in seconds", hostMTBF)
        try GoodputError.check(
            "the number of hosts that fail together", Double(hostsPerFailure), in: 1...Double(JobCosts.largestRanks),
            "from 1 to \(JobCosts.largestRanks)")
        try GoodputError.check(
            "the share of failures that end processes only", processShare, in: 0...1, "from 0 to 1")
        try GoodputError.check("the share of failures that are announced", noticedShare, in: 0...1, "from 0 to 1")
        try GoodputError.checkTime("the time to replace a host", replacementSeconds)
    }
}
