import Files
import Foundation
import SystemPackage
import Testing

/// Locks of files. Every opening of a file has a lock of its own, so one process can try both sides.
struct FileLockTests {
    private let directory: TemporaryDirectory
    private var path: FilePath { directory.path.appending("a.lock") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func aLockIsHeldOnceAndAgainWhenItIsGivenBack() throws {
        var first = try FileLock(path)
        #expect(first != nil)
        #expect(try FileLock(path) == nil)
        first = nil
        #expect(try FileLock(path) != nil)
    }

    @Test func whoHoldsItCanSaySo() throws {
        let lock = try #require(try FileLock(path))
        try lock.note("the first of all, with a long name")
        try lock.note("another")
        #expect(try LocalFileSystem().contents(of: path, limit: 100) == Array("another\n".utf8))
    }

    @Test func aDirectoryThatIsNotThereIsAnError() {
        #expect(throws: FileError.self) { try FileLock(directory.path.appending("no/a.lock")) }
    }
}
