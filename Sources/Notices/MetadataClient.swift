import Files
import Foundation

/// Asks the metadata service of one cloud, by the protocol in its public documentation.
final class MetadataClient {
    private let service: CloudService
    private let connection: HTTPConnection
    private let surroundings: any Surroundings
    private var token: String?
    private var ownName: String?

    init(_ service: CloudService, at address: ServiceAddress?, in surroundings: any Surroundings) {
        self.service = service
        self.surroundings = surroundings
        connection = HTTPConnection(address: address ?? service.usualAddress, surroundings: surroundings)
    }

    /// The notice that stands; nil if there is none.
    ///
    /// - Throws: ``NoAnswer`` or ``ServiceRefusal``.
    func notice() throws -> Notice? {
        switch service {
        case .aws: try amazon()
        case .gcp: try google()
        case .azure: try microsoft()
        }
    }

    private func ask(_ request: HTTPRequest, accepting also: [Int] = []) throws -> HTTPResponse {
        let response = try connection.send(request)
        guard response.status == 200 || also.contains(response.status) else {
            throw ServiceRefusal(status: response.status, retryAfter: response.retryAfter)
        }
        return response
    }

    /// How long until a date, by the clock of this host; none if it is over.
    private func left(to date: Date?) -> Duration? {
        date.map { .seconds(min(max($0.timeIntervalSince(surroundings.date), 0), Notice.longest)) }
    }
}

/// That a service answered, but does not want to say it.
struct ServiceRefusal: Error, CustomStringConvertible {
    let status: Int
    let retryAfter: Double?

    var description: String { status == 429 ? "it is asked too often (429)" : "it answers with status \(status)" }
}

/// That a service said something else than its documentation.
struct Nonsense: Error, CustomStringConvertible {
    let description: String
}

// MARK: Amazon

extension MetadataClient {
    private struct Action: Decodable {
        let action: String
        let time: String
    }

    /// A token is good for six hours, and a machine that was stopped and started has none any more.
    private func amazon() throws -> Notice? {
        var response = try ask(instanceAction(token ?? freshToken()), accepting: [401, 404])
        if response.status == 401 { response = try ask(instanceAction(freshToken()), accepting: [404]) }
        // Nothing is planned.
        guard response.status == 200 else { return nil }
        guard let action = try? JSONDecoder().decode(Action.self, from: Data(response.body.utf8)) else {
            throw Nonsense(description: "spot/instance-action is no JSON with action and time")
        }
        guard ["stop", "terminate", "hibernate"].contains(action.action) else {
            throw Nonsense(
                description: "spot/instance-action is '\(action.action.prefix(40))', which is none of the known ones")
        }
        return Notice(action.action, left: left(to: try? Date(action.time, strategy: .iso8601)))
    }

    private func instanceAction(_ token: String) -> HTTPRequest {
        HTTPRequest(
            path: "/latest/meta-data/spot/instance-action", fields: [("X-aws-ec2-metadata-token", token)])
    }

    private func freshToken() throws -> String {
        let response = try ask(
            HTTPRequest(
                method: "PUT", path: "/latest/api/token", fields: [("X-aws-ec2-metadata-token-ttl-seconds", "21600")]))
        let text = response.body.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), text.utf8.count <= 1024 else {
            throw Nonsense(description: "its token is none")
        }
        token = text
        return text
    }
}

// MARK: Google

extension MetadataClient {
    private func google() throws -> Notice? {
        if try value("preempted", among: ["TRUE", "FALSE"]) == "TRUE" {
            return Notice("preempted", left: .seconds(30))
        }
        let event = try value("maintenance-event", among: nil)
        switch event {
        case "NONE", "MIGRATE_ON_HOST_MAINTENANCE": return nil
        case "TERMINATE_ON_HOST_MAINTENANCE": return Notice(event, left: .seconds(60))
        default:
            throw Nonsense(description: "maintenance-event is '\(event.prefix(40))', which is none of the known ones")
        }
    }

    private func value(_ name: String, among known: Set<String>?) throws -> String {
        let request = HTTPRequest(
            path: "/computeMetadata/v1/instance/\(name)", host: "metadata.google.internal",
            fields: [("Metadata-Flavor", "Google")])
        let text = try ask(request).body.trimmingCharacters(in: .whitespacesAndNewlines)
        guard known?.contains(text) ?? true else {
            throw Nonsense(description: "\(name) is '\(text.prefix(40))', which is none of the known ones")
        }
        return text
    }
}

// MARK: Microsoft

extension MetadataClient {
    private struct Document: Decodable {
        let events: [Event]

        private enum CodingKeys: String, CodingKey {
            case events = "Events"
        }
    }

    private struct Event: Decodable {
        let type: String
        let resources: [String]
        let notBefore: String?

        private enum CodingKeys: String, CodingKey {
            case type = "EventType"
            case resources = "Resources"
            case notBefore = "NotBefore"
        }
    }

    /// What takes a machine's memory away; "Freeze" does not.
    private static let ends: Set = ["Preempt", "Terminate", "Reboot", "Redeploy"]

    private func microsoft() throws -> Notice? {
        let response = try ask(
            HTTPRequest(path: "/metadata/scheduledevents?api-version=2020-07-01", fields: [("Metadata", "true")]))
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(response.body.utf8)) else {
            throw Nonsense(description: "scheduledevents is no JSON with Events")
        }
        let events = document.events.filter { Self.ends.contains($0.type) }
        // All machines of a set hear of the events of all.
        guard !events.isEmpty else { return nil }
        let own = try name()
        guard let event = events.first(where: { $0.resources.contains(own) }) else { return nil }
        return Notice(event.type, left: left(to: event.notBefore.flatMap(Self.date)))
    }

    private func name() throws -> String {
        if let ownName { return ownName }
        let request = HTTPRequest(
            path: "/metadata/instance/compute/name?api-version=2021-02-01&format=text", fields: [("Metadata", "true")])
        let name = try ask(request).body.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !name.isEmpty else { throw Nonsense(description: "the machine has no name") }
        ownName = name
        return name
    }

    /// As in "Mon, 19 Sep 2016 18:29:47 GMT"; nil where nothing is said, since the event has begun.
    private static func date(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }
}
