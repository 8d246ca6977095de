import Collectives
import Files
import Foundation
import Logging
import SystemPackage
import Testing

@testable import Stopping

/// A configuration file that is not there, or is something else, is warned of before the first step.
struct ConfigFileWarningTests {
    private let path = FilePath(NSTemporaryDirectory()).appending("exit-\(UUID().uuidString).json")

    @Test func missingFileIsSaidOnce() throws {
        let missing = "the configuration file \(path) is not there: it asks for no stop until it is"
        let warned = GivenWarnings()
        #expect(try said(warned) == [missing])
        // The same run listens again, as it does for the evaluation at its end.
        #expect(try said(warned).isEmpty)
        // Another one in the same process has its own to say.
        #expect(try said() == [missing])
    }

    @Test func foreignFileIsSaidAtOnce() throws {
        try Data("[run]\nlr = 0.1\n".utf8).write(to: URL(filePath: path.string))
        defer { try? FileManager.default.removeItem(atPath: path.string) }
        #expect(try said() == ["\(path) is ignored: it is no JSON object such as {\"GracefulExit\": 1}"])
    }

    @Test func fileThatAsksForNothingIsNoReason() throws {
        try Data("{\"GracefulExit\": 0}".utf8).write(to: URL(filePath: path.string))
        defer { try? FileManager.default.removeItem(atPath: path.string) }
        #expect(try said().isEmpty)
    }

    /// What who listens says before anybody agrees on anything.
    private func said(_ warned: GivenWarnings = GivenWarnings()) throws -> [String] {
        let log = LineLog()
        let requests = try StopRequests(
            to: [], configFile: path, StopOptions(pollInterval: .seconds(3600)), hearsOldHalts: false,
            in: SoloCommunicator(), logger: Logger(label: "test") { _ in log }, files: LocalFileSystem(),
            surroundings: .system, warned: warned)
        return withExtendedLifetime(requests) { log.lines }
    }
}
