/// Something that can ask for a stop from outside of the loop: a signal, a file, the time.
///
/// Every rank asks its own sources after each step, so `poll` must cost next to nothing.
public protocol StopSource: AnyObject {
    /// Why to stop, or nil. Once it is not nil it stays so until the run ends.
    func poll() -> StopReason?

    /// What is known of the request; asked for once ``poll()`` has given a reason.
    var details: StopDetails { get }
}

extension StopSource {
    /// Says only that it was asked for now.
    public var details: StopDetails { StopDetails() }
}

/// What the rank that is asked to stop knows of the request.
public struct StopDetails: Sendable {
    /// What was seen, such as "SIGTERM".
    public var explanation: String?

    /// Who asked, such as "process 4711 of user 0".
    public var requester: String?

    /// When, by the clock of the rank; nil if it was when the ranks agreed on it.
    public var time: ContinuousClock.Instant?

    /// The id of the halt request.
    public var haltRequest: String?

    /// When the rank is ended anyway, by its own clock; nil if nobody said so.
    public var deadline: ContinuousClock.Instant?

    /// Describes a request.
    public init(
        _ explanation: String? = nil, requester: String? = nil, time: ContinuousClock.Instant? = nil,
        haltRequest: String? = nil, deadline: ContinuousClock.Instant? = nil
    ) {
        self.explanation = explanation
        self.requester = requester
        self.time = time
        self.haltRequest = haltRequest
        self.deadline = deadline
    }
}
