package import Collectives
package import Files
import Foundation
public import Records

/// A request to stop that all ranks have agreed on. It is the same on all of them, except for ``noticed`` and ``deadline``.
public struct AgreedStop: Hashable, Sendable, CustomStringConvertible {
    /// Why.
    public let reason: StopReason

    /// The rank that was asked: the lowest, if several were for this reason.
    public let rank: Int

    /// What that rank knows of the request.
    public let record: StopRecord

    /// When that was, by the clock of this rank.
    public let noticed: ContinuousClock.Instant

    /// When the rank that was asked is ended anyway, by the clock of this rank; nil if nobody said so.
    public let deadline: ContinuousClock.Instant?

    /// The step after which all ranks stop: of the run, or of a plain evaluation; nil until they do.
    public package(set) var step: Int?

    /// One line without its end, the same on all ranks.
    public var description: String {
        let explanation = record.explanation.map { " (\($0))" } ?? ""
        let requester = record.requester.map { " from \($0)" } ?? ""
        let place = step.map { "stopping after step \($0): " } ?? "stopping: "
        return place + "\(reason)\(explanation)\(requester) asked rank \(rank) (process \(record.processIdentifier) on "
            + "\(record.host)) at \(record.time.formatted(.iso8601))"
    }
}

extension AgreedStop {
    /// The request that rank `rank` was given, told to all ranks by it; it alone gives `own` details.
    package init(
        _ reason: StopReason, broadcasting own: StopDetails?, from rank: Int, over world: any Communicator,
        in surroundings: any Surroundings
    ) throws {
        let now = surroundings.now
        let told = own.map { StopMessage($0, now: now, in: surroundings) }
        let bytes = try world.broadcast(told.map { Array(try JSONEncoder().encode($0)) } ?? [], from: rank)
        let message = try JSONDecoder().decode(StopMessage.self, from: Data(bytes))
        self.reason = reason
        self.rank = rank
        record = message.record
        // An age and not a time: clocks of hosts differ.
        noticed = now - .seconds(message.age)
        deadline = message.left.map { now + .seconds($0) }
    }
}

/// What one rank tells the others.
private struct StopMessage: Codable {
    let record: StopRecord
    let age: Double
    /// The seconds to the deadline.
    let left: Double?

    init(_ details: StopDetails, now: ContinuousClock.Instant, in surroundings: any Surroundings) {
        age = details.time.map { max($0.duration(to: now) / .seconds(1), 0) } ?? 0
        left = details.deadline.map { now.duration(to: $0) / .seconds(1) }
        record = StopRecord(
            explanation: details.explanation, requester: details.requester, host: surroundings.host,
            processIdentifier: surroundings.processIdentifier, time: surroundings.date.addingTimeInterval(-age),
            haltRequest: details.haltRequest, deadline: left.map { surroundings.date.addingTimeInterval($0) })
    }
}
