import Files
public import FoundationEssentials

/// A request to stop a run that lies in its directory as a file of JSON, and can be withdrawn until it takes effect.
public struct HaltRequest: Codable, Hashable, Sendable, Identifiable {
    /// When it is due.
    public enum Condition: Hashable, Sendable {
        /// At once.
        case now
        /// When the run has made so many steps in all.
        case afterStep(Int)
        /// When so many sets were published, counted from when the run, or one that carries it on, first sees the
        /// request.
        case afterCheckpoints(Int)
        /// When the clock of any rank says so.
        case at(Date)
    }

    /// Who asked.
    public struct Requester: Codable, Hashable, Sendable, CustomStringConvertible {
        /// The name of the user.
        public let user: String
        /// The host.
        public let host: String
        /// The process.
        public let processIdentifier: Int

        /// Describes who asks.
        public init(user: String, host: String, processIdentifier: Int) {
            self.user = user
            self.host = host
            self.processIdentifier = processIdentifier
        }

        /// As in "anna on node1, process 4711".
        public var description: String { "\(user) on \(host), process \(processIdentifier)".visible }
    }

    /// What tells it from others: the name of its file without ".json".
    public let id: String

    /// Why, in the words of whoever asked; nil if they gave none.
    public let reason: String?

    /// Who asked.
    public let requester: Requester

    /// When, by the clock of the requester's host, in whole seconds.
    public let asked: Date

    private let afterStep: Int?
    private let afterCheckpoints: Int?
    private let at: Date?

    /// After how many seconds it is due, if it was asked for in this way. ``condition`` then tells people the time, while the run
    /// counts the seconds, so that setting a clock makes no difference.
    public let delay: Double?

    /// Describes a request.
    public init(
        id: String, reason: String?, requester: Requester, asked: Date, condition: Condition, delay: Double? = nil
    ) {
        self.id = id
        self.reason = reason
        self.requester = requester
        self.asked = asked
        self.delay = delay
        var (step, checkpoints): (Int?, Int?)
        var time: Date?
        switch condition {
        case .now: break
        case .afterStep(let number): step = number
        case .afterCheckpoints(let number): checkpoints = number
        case .at(let date): time = date
        }
        (afterStep, afterCheckpoints, at) = (step, checkpoints, time)
    }

    /// When it is due.
    public var condition: Condition {
        if let afterStep { return .afterStep(afterStep) }
        if let afterCheckpoints { return .afterCheckpoints(afterCheckpoints) }
        return at.map { .at($0) } ?? .now
    }

    /// The same with another id.
    func named(_ id: String) -> HaltRequest {
        HaltRequest(
            id: id, reason: reason, requester: requester, asked: asked, condition: condition, delay: delay)
    }

    /// What is on record of a run that it stopped.
    var explanation: String { "\(condition)\(reason.map { ", \"\($0)\"" } ?? ""), request \(id)".visible }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension HaltRequest.Condition: CustomStringConvertible {
    public var description: String {
        switch self {
        case .now: "now"
        case .afterStep(let step): "after step \(step)"
        case .afterCheckpoints(1): "after 1 more checkpoint"
        case .afterCheckpoints(let count): "after \(count) more checkpoints"
        case .at(let date): "at \(date.formatted(.iso8601))"
        }
    }
}
