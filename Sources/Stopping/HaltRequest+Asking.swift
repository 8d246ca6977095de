public import Files
import Foundation

extension HaltRequest {
    /// A request of this process, made now; its id is one that no other has.
    public init(
        _ condition: Condition, delay: Double? = nil, reason: String? = nil, in surroundings: any Surroundings = .system
    ) {
        // Whole seconds, as in JSON.
        let now = Date(timeIntervalSince1970: surroundings.date.timeIntervalSince1970.rounded(.down))
        let number = surroundings.unguessableNumber()
        let requester = Requester(
            user: NSUserName(), host: surroundings.host, processIdentifier: surroundings.processIdentifier)
        self.init(
            id: "\(Int(now.timeIntervalSince1970))-\(String(UInt32(truncatingIfNeeded: number), radix: 16))",
            reason: reason, requester: requester, asked: now, condition: condition, delay: delay)
    }
}
