import Glibc
public import SystemPackage

/// A lock that one process holds by a file; the system takes it back when the process ends, however it ends.
///
/// It keeps out other processes of its user that ask for it, on other hosts too where the file system has `flock`, and nobody
/// else. The file stays behind, and nobody else can open it: whoever can open a file can hold its lock, for ever.
public final class FileLock: HeldLock {
    private let path: FilePath
    private let descriptor: FileDescriptor

    /// Asks for a lock. A file system that has no locks lets everybody pass.
    ///
    /// What stands in the file's place must be a file, and no link. Its lock does not count where only processes hold it that
    /// could not have opened it to write, as one of an earlier version, which others may read: a run does that.
    public static func take(_ path: FilePath) throws(FileError) -> LockOutcome {
        StandardStream.prepare()
        return try take(path, replacing: true)
    }

    private static func take(_ path: FilePath, replacing mayReplace: Bool) throws(FileError) -> LockOutcome {
        var tries = 20
        while true {
            tries -= 1
            let lock = try FileLock(path)
            let status = try attempt("look at", path) { try Stat(lock.descriptor) }
            if try lock.acquire() {
                // Somebody may have put another file there since it was opened, and have locked that.
                guard try lock.isAtPath(status) || tries < 0 else { continue }
                lock.restrict(status)
                return .taken(lock)
            }
            let holders = LockHolder.all(of: status)
            let isOpenToOthers = status.userID.rawValue != geteuid() || status.mode.rawValue & 0o022 != 0
            guard mayReplace, tries > 0, !isOpenToOthers, !holders.isEmpty, holders.allSatisfy(\.isStranger),
                try lock.removeFile(status)
            else { return .held(by: LockHolder.text(of: holders, noted: lock.noted)) }
        }
    }

    /// Opens the file, or makes it.
    private init(_ path: FilePath) throws(FileError) {
        self.path = path
        do {
            descriptor = try attempt("open", path) {
                try .open(
                    path, .readWrite, options: [.create, .noFollow, .nonBlocking, .closeOnExec],
                    permissions: .ownerReadWrite)
            }
        } catch {
            throw Self.explained(error)
        }
        guard try attempt("look at", path, { try Stat(descriptor).type }) == .regular else {
            throw FileError("lock", path, reason: "it is not a regular file")
        }
    }

    deinit {
        try? descriptor.close()
    }

    private static func explained(_ error: FileError) -> FileError {
        switch error.errno {
        case .tooManySymbolicLinkLevels:
            return FileError(
                "lock", error.path, reason: "it is a symbolic link, and a lock is none", errno: error.errno)
        case .permissionDenied:
            guard let owner = try? LocalFileSystem().status(of: error.path)?.owner, owner != geteuid() else {
                return error
            }
            return FileError(
                "lock", error.path,
                reason:
                    "it belongs to user \(owner), who alone can hold it; delete it if no run of theirs goes on there",
                errno: error.errno)
        default: return error
        }
    }

    private func acquire() throws(FileError) -> Bool {
        do {
            try systemCall("lock", path) { [descriptor] in flock(descriptor.rawValue, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            guard error.errno != .wouldBlock else { return false }
            guard [.noFunction, .notSupported, .noLocks].contains(error.errno) else { throw error }
            return true
        }
    }

    /// Whether the path still leads to the file.
    private func isAtPath(_ status: Stat) throws(FileError) -> Bool {
        guard let found = try? Stat(path, followTargetSymlink: false) else { return false }
        return found.inode == status.inode && found.deviceID == status.deviceID
    }

    /// Shuts others out of a file of an earlier version, unless somebody has let a group write to it.
    private func restrict(_ status: Stat) {
        let permissions = status.mode.rawValue & 0o777
        guard permissions & 0o077 != 0, permissions & 0o022 == 0, status.linkCount == 1 else { return }
        _ = fchmod(descriptor.rawValue, 0o600)
    }

    /// Deletes the file, the lock of which does not count, so that another one takes its place; false if another process is
    /// about to. Under a lock of its own, or the one would delete what the other has just made.
    private func removeFile(_ status: Stat) throws(FileError) -> Bool {
        let guardPath = FilePath(text: path.text + ".replacing")
        guard case .taken(let guarding) = try Self.take(guardPath, replacing: false) else { return false }
        defer { withExtendedLifetime(guarding) {} }
        if try isAtPath(status) { try LocalFileSystem().remove(path) }
        try LocalFileSystem().remove(guardPath)
        return true
    }

    /// Writes a line for people into the file.
    public func note(_ line: String) throws(FileError) {
        try attempt("write", path) {
            // Under another name it may be something that somebody needs.
            guard try Stat(descriptor).linkCount == 1 else { return }
            try descriptor.resize(to: 0)
            _ = try descriptor.writeAll(toAbsoluteOffset: 0, "\(line)\n".utf8)
        }
    }

    /// The line that the last holder wrote, if it is one.
    private var noted: String? {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count =
            (try? unsafe bytes.withUnsafeMutableBytes { unsafe try descriptor.read(fromAbsoluteOffset: 0, into: $0) })
            ?? 0
        let line = bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }
        guard !line.isEmpty, line.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        return String(decoding: line, as: UTF8.self)
    }
}
