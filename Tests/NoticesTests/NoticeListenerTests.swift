import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Stopping
import Synchronization
import SystemPackage
import Testing

@testable import Notices

/// What a rank hears of a command, a file or a service, and who asks.
struct NoticeListenerTests {
    private let surroundings = SystemSurroundings()

    private func hears(_ listener: NoticeListener) -> Bool {
        surroundings.waits(for: .seconds(60)) { listener.poll() != nil }
    }

    private static let lines: [(line: String, words: String, seconds: Double?)] = [
        ("120 maintenance", "maintenance", 120.0), ("30", "", 30), ("30s", "", 30), ("0.5s now", "now", 0.5),
        ("maintenance at noon", "maintenance at noon", nil), ("", "", nil), ("-3 x", "-3 x", nil), ("nan", "nan", nil),
        ("1e30", "1e30", nil),
    ]

    @Test(arguments: lines)
    func aLineSaysSecondsAndWords(line: String, words: String, seconds: Double?) {
        #expect(Notice(line: line) == Notice(words, left: seconds.map { .seconds($0) }))
    }

    @Test func aCommandIsRunUntilItSaysSomething() throws {
        let folder = FilePath("/tmp/lockstep-notices-\(surroundings.unguessableName())")
        defer { try? LocalFileSystem().remove(folder) }
        // The first two times it says nothing.
        let command = "echo >> \(folder); [ $(wc -l < \(folder)) -gt 2 ] && echo && echo '90 power' && sleep 1000; true"
        let listener = try NoticeListener(to: .command(command), in: SoloCommunicator())
        #expect(hears(listener) && listener.poll() == .machine)
        let details = listener.details
        #expect(details.explanation == "--notice-command '\(command)': power, in 90 s")
        let (time, deadline) = try (#require(details.time), #require(details.deadline))
        #expect(time.duration(to: deadline) == .seconds(90))
    }

    /// One that waits for what never comes goes with the run.
    @Test func aCommandEndsWithItsListener() throws {
        let mark = "100\(surroundings.unguessableNumber() % 1_000_000)"
        func isRunning() -> Bool {
            let names = (try? LocalFileSystem().names(in: "/proc")) ?? []
            return names.contains { name in
                guard Int(name) != nil, let words = try? Data(contentsOf: URL(filePath: "/proc/\(name)/cmdline")) else {
                    return false
                }
                return String(decoding: words, as: UTF8.self).hasPrefix("sleep\0\(mark)")
            }
        }
        var listener: NoticeListener? = try NoticeListener(to: .command("sleep \(mark); echo"), in: SoloCommunicator())
        #expect(surroundings.waits(for: .seconds(60), until: isRunning))
        #expect(listener?.poll() == nil)
        listener = nil
        #expect(surroundings.waits(for: .seconds(60)) { !isRunning() })
    }

    @Test func aCommandThatCannotBeRunIsAnError() throws {
        let command = NoticeCommand("exec 2>&-; /nowhere/command")
        let error = #expect(throws: NoAnswer.self) { try command.notice() }
        #expect(error?.description == "the command ends with 127 and says nothing")
        #expect(try NoticeCommand("true").notice() == nil)
        #expect(try NoticeCommand("test -f /nowhere/file && cat /nowhere/file").notice() == nil)
        #expect(try NoticeCommand("echo 5; exit 3").notice() == Notice("", left: .seconds(5)))
    }

    @Test func aFileIsANoticeOnceItIsThere() throws {
        let files = MemoryFileSystem()
        let listener = try NoticeListener(to: .file("/notice"), in: SoloCommunicator(), files: files)
        #expect(listener.poll() == nil)
        try files.replaceContents(of: "/notice", with: Array("45 reboot\nmore".utf8))
        #expect(hears(listener))
        #expect(listener.details.explanation == "--notice-file /notice: reboot, in 45 s")
        let empty = try NoticeListener(to: .file("/notice"), in: SoloCommunicator(), files: files)
        #expect(hears(empty))
    }

    /// After two refusals it is asked again, and answers.
    @Test func aServiceThatRefusesIsAskedAgain() throws {
        let count = Counter()
        let server = LoopbackServer { _ in
            count.next() <= 2 ? .status("429 Too Many Requests", fields: "Retry-After: 0\r\n") : .ok("TRUE")
        }
        let address = ServiceAddress(host: "localhost", port: server.port)
        let listener = try NoticeListener(to: .service(.gcp, at: address), in: SoloCommunicator())
        #expect(hears(listener))
        #expect(listener.details.explanation == "--notice gcp: preempted, in 30 s" && server.requests.count == 3)
    }

    /// Ranks are threads here, and all on one host.
    @Test func oneRankOfAHostAsks() throws {
        let begin = ContinuousClock.now
        let server = LoopbackServer { request in request.contains("preempted") ? .ok("FALSE") : .ok("NONE") }
        let address = ServiceAddress(host: "127.0.0.1", port: server.port)
        _ = try ThreadWorld.run(ranks: 4) { world in
            let listener = try NoticeListener(to: .service(.gcp, at: address), in: world)
            #expect(SystemSurroundings().waits(for: .seconds(60)) { server.requests.count >= 2 })
            try world.barrier()
            #expect(listener.poll() == nil)
        }
        // A look a second, each of which asks for two things.
        #expect(server.requests.count <= 2 * (1 + Int(begin.duration(to: .now) / .seconds(1))))
    }

    @Test(arguments: ["a:b", ":80", "a:0", "a:65536", "", "a/b", "1:2:3"])
    func whatIsNoAddressIsRefused(text: String) { #expect(ServiceAddress(text) == nil) }

    @Test func anAddressMayLeaveOutItsPort() {
        #expect(ServiceAddress("10.0.0.1") == ServiceAddress(host: "10.0.0.1", port: 80))
        #expect(ServiceAddress("localhost:8080") == ServiceAddress(host: "localhost", port: 8080))
    }
}

/// Counts from 1.
final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
