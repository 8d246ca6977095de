import CheckpointsTestKit
import Files
import Logging
import SystemPackage
import Testing

@testable import Stopping

/// Files among the halt requests that are none.
struct HaltWarningTests {
    @Test func whoeverFillsTheFolderDoesNotFillTheLog() throws {
        let files = MemoryFileSystem()
        let directory = HaltDirectory(ofRun: "/run", files: files)
        try files.createDirectory("/run/halt")
        for number in 0..<100 {
            try files.replaceContents(of: FilePath("/run/halt/r\(number).json"), with: Array("no request".utf8))
        }
        let log = LineLog()
        let watch = HaltWatch(
            directory, answered: nil, pace: RunPace(), logger: Logger(label: "test") { _ in log }, in: .system)
        watch.look()
        watch.look()
        #expect(log.lines.count == 8)
        #expect(log.lines.last?.hasSuffix("; further ones are not told of") == true)
        #expect(watch.poll() == nil)
    }
}
