import Files
import Foundation
import SystemPackage
import Testing

@testable import Stopping

/// Times that somebody has written into `status.json`.
struct StatusTimeTests {
    /// A year of six digits would be written back as another.
    @Test(arguments: [
        ("2026-11-27T00:38:05Z", true), ("9999-12-31T23:59:59Z", true), ("202026-11-26T20:00:00Z", false),
        ("1969-12-31T23:59:59Z", true), ("1599-12-31T23:59:59Z", false), ("soon", false), ("", false),
    ]) func timesThatNobodyCanHavePutOnRecordAreRefused(time: String, isRead: Bool) throws {
        let folder = FilePath(NSTemporaryDirectory()).appending("lockstep-\(UUID().uuidString)")
        try LocalFileSystem().createDirectory(folder)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        var status = RunStatus()
        let text = String(decoding: status.json, as: UTF8.self).replacing("1970-01-01T00:00:00Z", with: time)
        try LocalFileSystem().replaceContents(of: folder.appending(RunStatus.fileName), with: Array(text.utf8))
        let read = RunStatus.read(in: folder)
        #expect((read != nil) == isRead)
        if let read {
            status.updated = read.updated
            #expect(read == status && String(decoding: status.json, as: UTF8.self) == text)
        }
    }
}
