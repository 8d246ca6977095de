import Foundation
import SystemPackage
import Testing
import Training

/// Two runs in one directory.
struct RunLockTests {
    private let directory = FilePath(NSTemporaryDirectory()).appending("lockstep-\(UUID().uuidString)/out")

    @Test func theSecondRunIsToldWhoIsThereAndRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: directory.removingLastComponent().string) }
        let first = try RunLock(directory)
        let holder = "process \(ThisProcess.identifier) on \(ThisProcess.host)"
        var told: [String] = []
        let error = #expect(throws: RunLockError.self) {
            try RunLock(directory, patience: .milliseconds(150)) { told.append($0) }
        }
        #expect(error?.directory == directory && error?.holder == holder)
        #expect(told == [holder])
        withExtendedLifetime(first) {}
    }

    @Test func whoComesAfterTheEndOfTheFirstIsLetIn() throws {
        defer { try? FileManager.default.removeItem(atPath: directory.removingLastComponent().string) }
        _ = try RunLock(directory)
        #expect(throws: Never.self) { try RunLock(directory, patience: .zero) }
    }
}
