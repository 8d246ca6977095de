import Files
import Foundation

extension HaltRequest {
    /// A request of this process, made now; its id is one that no other has.
    public init(_ condition: Condition, delay: Double? = nil, reason: String? = nil) {
        // Whole seconds, as in JSON.
        let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        let requester = Requester(
            user: NSUserName(), host: ThisProcess.host, processIdentifier: ThisProcess.identifier)
        self.init(
            id: "\(Int(now.timeIntervalSince1970))-\(String(UInt32.random(in: 0 ... .max), radix: 16))",
            reason: reason, requester: requester, asked: now, condition: condition, delay: delay)
    }
}
