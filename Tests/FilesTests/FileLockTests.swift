import Files
import Foundation
import Glibc
import SystemPackage
import Testing

/// Locks of files. Every opening of a file has a lock of its own, so one process can try both sides.
struct FileLockTests {
    private let directory: TemporaryDirectory
    private var path: FilePath { directory.path.appending("a.lock") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func take() throws -> (any HeldLock)? {
        if case .taken(let lock) = try FileLock.take(path) { lock } else { nil }
    }

    private func permissions() throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
    }

    @Test func aLockIsHeldOnceAndAgainWhenItIsGivenBack() throws {
        var first = try take()
        #expect(first != nil)
        #expect(try take() == nil)
        first = nil
        #expect(try take() != nil)
    }

    @Test func whoHoldsItCanSaySo() throws {
        let lock = try #require(try take())
        try lock.note("the first of all, with a long name")
        try lock.note("process \(getpid()) on node1")
        #expect(try LocalFileSystem().contents(of: path, limit: 100) == Array("process \(getpid()) on node1\n".utf8))
        #expect(try holder() == "process \(getpid()) on node1")
    }

    private func holder() throws -> String? {
        guard case .held(let holder) = try FileLock.take(path) else { return "nobody" }
        return holder
    }

    /// What an earlier run has left in the file is no name of who holds it now.
    @Test func theHolderIsWhoTheSystemSaysItIs() throws {
        let lock = try #require(try take())
        try lock.note("process 1 on node1")
        #expect(try holder() == "process \(getpid()) on this host")
    }

    @Test func aDirectoryThatIsNotThereIsAnError() {
        #expect(throws: FileError.self) { try FileLock.take(directory.path.appending("no/a.lock")) }
    }

    @Test func aLinkIsNoLockAndItsTargetStays() throws {
        let target = directory.path.appending("precious")
        try LocalFileSystem().replaceContents(of: target, with: [7])
        try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: target.string)
        let error = #expect(throws: FileError.self) { try take()?.note("x") }
        #expect(error?.description == "cannot lock \(path): it is a symbolic link, and a lock is none")
        #expect(try LocalFileSystem().contents(of: target, limit: 9) == [7])
        // Nor is a second name of a file written to.
        try FileManager.default.removeItem(atPath: path.string)
        try FileManager.default.linkItem(atPath: target.string, toPath: path.string)
        try take()?.note("x")
        #expect(try LocalFileSystem().contents(of: target, limit: 9) == [7])
    }

    @Test func aPipeOrADirectoryIsNoLock() throws {
        unsafe mkfifo(path.string, 0o600)
        #expect(throws: FileError.self) { try take() }
        #expect(throws: FileError.self) { try FileLock.take(directory.path) }
    }

    @Test func nobodyElseCanOpenIt() throws {
        _ = try take()
        #expect(try permissions() == 0o600)
        // As earlier versions made them.
        for (before, after) in [(0o644, 0o600), (0o664, 0o664)] {
            unsafe chmod(path.string, mode_t(before))
            _ = try take()
            #expect(try permissions() == after)
        }
    }

    /// Whoever may read a file can hold its lock.
    @Test(.enabled(if: geteuid() == 0, "only root can be another user")) func aStrangersLockKeepsNobodyOut() throws {
        try LocalFileSystem().replaceContents(of: path, with: Array("process 1 on node1\n".utf8))
        let stranger = try Stranger(holding: path)
        defer { stranger.end() }
        let lock = try #require(try take())
        // Which keeps others out again.
        #expect(try holder() == "process \(getpid()) on this host")
        #expect(try LocalFileSystem().names(in: directory.path) == ["a.lock"])
        withExtendedLifetime(lock) {}
    }

    @Test(.enabled(if: geteuid() == 0, "only root can be another user"))
    func whereAGroupMayWriteALockOfAnotherUserCountsAndIsNamed() throws {
        try LocalFileSystem().replaceContents(of: path, with: Array("process 1 on node1\n".utf8), permissions: 0o666)
        unsafe chmod(path.string, 0o666)
        let stranger = try Stranger(holding: path)
        defer { stranger.end() }
        #expect(try holder() == "process \(stranger.process.processIdentifier) of user 65534 on this host")
    }
}

/// Another user of this machine, who holds the lock of a file that they may read.
private final class Stranger {
    let process = Process()
    private let input = Pipe()

    init(holding path: FilePath) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/setpriv")
        process.arguments = [
            "--reuid=65534", "--regid=65534", "--clear-groups", "flock", path.string, "-c", "echo held; read -r line",
        ]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        try #require(output.fileHandleForReading.availableData == Data("held\n".utf8))
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
