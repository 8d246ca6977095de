import Files
import Foundation
import Stopping
import SurroundingsTestKit
import Testing

@testable import Notices

/// The protocols of the clouds' metadata services, against a server that speaks them from their documentation.
struct MetadataTests {
    /// A clock that stands at 2026-11-28T05:00:00Z; sockets wait by the system's.
    private struct FixedDate: Surroundings {
        let system = SystemSurroundings()
        var now: ContinuousClock.Instant { system.now }
        var date: Date { Date(timeIntervalSince1970: 1_795_842_000) }
        var processorTime: Duration { system.processorTime }
        var host: String { "node1" }
        var processIdentifier: Int { 1 }
        func unguessableNumber() -> UInt64 { system.unguessableNumber() }
        func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
            system.startThread(name, body)
        }
        func makeLatch() -> any Latch { system.makeLatch() }
        func endProcess(code: Int32) -> Never { system.endProcess(code: code) }
    }

    private func client(_ service: CloudService, _ server: LoopbackServer) -> MetadataClient {
        MetadataClient(service, at: ServiceAddress(host: "127.0.0.1", port: server.port), in: FixedDate())
    }

    /// What a client of a server hears, as long as that is there.
    private func notice(_ service: CloudService, _ server: LoopbackServer) throws -> Notice? {
        try withExtendedLifetime(server) { try client(service, server).notice() }
    }

    // MARK: Amazon

    /// A server as the Instance Metadata Service, version 2, is described: without a token nothing is told.
    private func amazon(_ action: LoopbackServer.Answer) -> LoopbackServer {
        LoopbackServer { request in
            if request.hasPrefix("PUT /latest/api/token HTTP/1.1\r\n"),
                request.contains("\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n")
            {
                return .ok("AQAEtoken==")
            }
            guard request.contains("\r\nX-aws-ec2-metadata-token: AQAEtoken==\r\n") else {
                return .status("401 Unauthorized")
            }
            return request.hasPrefix("GET /latest/meta-data/spot/instance-action ") ? action : .ok("rebalance")
        }
    }

    @Test func amazonSaysWhatHappensAndWhen() throws {
        let server = amazon(.ok(#"{"action": "terminate", "time": "2026-11-28T05:02:00Z"}"#))
        #expect(try notice(.aws, server) == Notice("terminate", left: .seconds(120)))
    }

    @Test func amazonHasNothingPlanned() throws {
        let server = amazon(.status("404 Not Found", "<html>"))
        let client = client(.aws, server)
        #expect(try client.notice() == nil)
        #expect(try client.notice() == nil)
        // The token serves for both, and nobody asks for a recommendation to rebalance.
        #expect(server.requests.map { $0.prefix(4) } == ["PUT ", "GET ", "GET "])
        #expect(!server.requests.contains { $0.contains("rebalance") })
    }

    @Test func aTokenThatIsNoneAnyMoreIsReplaced() throws {
        let count = Counter()
        let server = LoopbackServer { request in
            if request.hasPrefix("PUT") { return .ok("token\(count.next())") }
            return request.contains("token2")
                ? .ok(#"{"action":"stop","time":"2026-11-28T04:00:00Z"}"#) : .status("401 Unauthorized")
        }
        #expect(try notice(.aws, server) == Notice("stop", left: .zero))
        let stubborn = LoopbackServer { $0.hasPrefix("PUT") ? .ok("token") : .status("401 Unauthorized") }
        #expect(throws: ServiceRefusal.self) { try notice(.aws, stubborn) }
    }

    @Test func anActionOfNobodyIsNoNotice() throws {
        let server = amazon(.ok(#"{"action": "rebalance", "time": "2026-11-28T05:02:00Z"}"#))
        let error = #expect(throws: Nonsense.self) { try notice(.aws, server) }
        #expect(error?.description.contains("'rebalance', which is none of the known ones") == true)
    }

    // MARK: Google

    private func google(preempted: String = "FALSE", event: String = "NONE") -> LoopbackServer {
        LoopbackServer { request in
            guard request.contains("\r\nMetadata-Flavor: Google\r\n"),
                request.contains("\r\nHost: metadata.google.internal\r\n")
            else { return .status("403 Forbidden") }
            if request.hasPrefix("GET /computeMetadata/v1/instance/preempted ") { return .ok(preempted) }
            return request.hasPrefix("GET /computeMetadata/v1/instance/maintenance-event ")
                ? .ok(event) : .status("404 Not Found")
        }
    }

    @Test func googleSaysWhatHappens() throws {
        #expect(try notice(.gcp, google()) == nil)
        #expect(try notice(.gcp, google(preempted: "TRUE\n")) == Notice("preempted", left: .seconds(30)))
        #expect(try notice(.gcp, google(event: "MIGRATE_ON_HOST_MAINTENANCE")) == nil)
        let ends = google(event: "TERMINATE_ON_HOST_MAINTENANCE")
        #expect(try notice(.gcp, ends) == Notice("TERMINATE_ON_HOST_MAINTENANCE", left: .seconds(60)))
        #expect(throws: Nonsense.self) { try notice(.gcp, google(event: "<html>")) }
        #expect(throws: Nonsense.self) { try notice(.gcp, google(preempted: "")) }
    }

    // MARK: Microsoft

    private func azure(_ events: String) -> LoopbackServer {
        LoopbackServer { request in
            guard request.contains("\r\nMetadata: true\r\n") else { return .status("400 Bad Request") }
            if request.hasPrefix("GET /metadata/instance/compute/name?api-version=2021-02-01&format=text ") {
                return .ok("vm1")
            }
            guard request.hasPrefix("GET /metadata/scheduledevents?api-version=2020-07-01 ") else {
                return .status("404 Not Found")
            }
            return .ok(#"{"DocumentIncarnation": 1, "Events": [\#(events)]}"#)
        }
    }

    private func event(_ type: String, of machine: String = "vm1", at time: String = "Sat, 28 Nov 2026 05:00:40 GMT")
        -> String
    {
        """
        {"EventId": "A1", "EventType": "\(type)", "ResourceType": "VirtualMachine", "Resources": ["vm0", "\(machine)"],
        "EventStatus": "Scheduled", "NotBefore": "\(time)", "Description": "", "EventSource": "Platform", "DurationInSeconds": -1}
        """
    }

    @Test func microsoftSaysWhatHappensToThisMachine() throws {
        #expect(try notice(.azure, azure("")) == nil)
        for type in ["Preempt", "Terminate", "Reboot", "Redeploy"] {
            #expect(try notice(.azure, azure(event(type))) == Notice(type, left: .seconds(40)))
        }
        // It has begun.
        #expect(try notice(.azure, azure(event("Preempt", at: ""))) == Notice("Preempt"))
        #expect(try notice(.azure, azure(event("Freeze"))) == nil)
        #expect(try notice(.azure, azure(event("Preempt", of: "vm7"))) == nil)
        #expect(
            try notice(.azure, azure(event("Freeze") + "," + event("Reboot")))
                == Notice("Reboot", left: .seconds(40)))
    }

    // MARK: All of them

    @Test(arguments: CloudService.allCases)
    func whatIsNoAnswerIsNoNotice(service: CloudService) throws {
        let answers: [LoopbackServer.Answer] = [
            .bytes(""), .bytes("garbage"), .bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut off"),
            .bytes("HTTP/1.1 999 What\r\n\r\n"), .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            .ok(String(repeating: "x", count: 1 << 20)), .ok("\u{0}{}"), .status("500 Internal Server Error", "TRUE"),
            .status("302 Found", fields: "Location: http://127.0.0.1:1/\r\n"),
        ]
        for answer in answers {
            let server = LoopbackServer { _ in answer }
            #expect(throws: (any Error).self, "\(answer)") { try notice(service, server) }
        }
        let server = LoopbackServer { _ in .silence }
        server.stop()
        #expect(throws: NoAnswer.self) { try notice(service, server) }
    }

    @Test func silenceAndSlownessAreWaitedForTwoSeconds() throws {
        for answer in [
            LoopbackServer.Answer.silence,
            .slowly("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nFALSE", milliseconds: 100),
        ] {
            let server = LoopbackServer { _ in answer }
            let begin = ContinuousClock.now
            let error = #expect(throws: NoAnswer.self) { try notice(.gcp, server) }
            #expect(error?.description == "it says nothing for 2.0 seconds")
            #expect(begin.duration(to: .now) < .seconds(20))
        }
    }

    @Test func aRateLimitIsSaid() throws {
        let server = LoopbackServer { _ in .status("429 Too Many Requests", fields: "Retry-After: 7\r\n") }
        let error = #expect(throws: ServiceRefusal.self) { try notice(.azure, server) }
        #expect(error?.retryAfter == 7 && error?.description == "it is asked too often (429)")
    }

    @Test(arguments: ["nan", "inf", "-1", "1e7", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
    func whatIsNoNumberOfSecondsIsNotWaitedFor(text: String) throws {
        let answer = try #require(HTTPResponse(Array("HTTP/1.1 429 Slow\r\nRetry-After: \(text)\r\n\r\n".utf8)))
        #expect(answer.retryAfter == nil)
    }

    @Test func anAnswerIsReadToItsOwnEnd() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 4 \r\n\r\nTRUE"
        let answer = try #require(HTTPResponse(Array(text.utf8)))
        #expect(answer.endsItself && answer.body == "TRUE")
        #expect(HTTPResponse(Array(text.utf8.dropLast())) == nil)
        #expect(HTTPResponse(Array("HTTP/1.0 200 OK\r\n\r\nTRUE".utf8))?.endsItself == false)
    }

    @Test func chunksArePutTogether() throws {
        let server = LoopbackServer { _ in
            .bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nTRU\r\n1;x=y\r\nE\r\n0\r\n\r\n")
        }
        #expect(try notice(.gcp, server) == Notice("preempted", left: .seconds(30)))
    }
}
