public import FoundationEssentials

/// A request to stop as it is put on record: who asked whom, for what, and when.
public struct StopRecord: Codable, Hashable, Sendable {
    /// What was seen, such as "SIGTERM" or "out/exit.json says GracefulExit"; nil if there is nothing to add to the
    /// reason.
    public let explanation: String?

    /// Who asked, as far as that is known, such as "anna on node1, process 4711".
    public let requester: String?

    /// The host of the rank that was asked.
    public let host: String

    /// The process of the rank that was asked.
    public let processIdentifier: Int

    /// When, by the clock of that host, in whole seconds.
    public let time: Date

    /// The id of the halt request that asked, if it was one.
    public let haltRequest: String?

    /// When the rank is ended anyway, by the clock of that host, in whole seconds; nil if nobody said so.
    public let deadline: Date?

    /// Describes a request; what comes after the point in the seconds of times is dropped.
    public init(
        explanation: String?, requester: String?, host: String, processIdentifier: Int, time: Date,
        haltRequest: String? = nil, deadline: Date? = nil
    ) {
        self.explanation = explanation
        self.requester = requester
        self.host = host
        self.processIdentifier = processIdentifier
        self.time = Self.wholeSeconds(time)
        self.haltRequest = haltRequest
        self.deadline = deadline.map(Self.wholeSeconds)
    }

    private static func wholeSeconds(_ time: Date) -> Date {
        Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
    }
}
