import Glibc
public import SystemPackage

/// A lock that one process holds by a file; the system takes it back when the process ends, however it ends.
///
/// It keeps out other processes that ask for it, on other hosts too where the file system has `flock`, and nobody else.
/// The file stays behind: to delete it would let two processes hold a lock, each of its own file.
public final class FileLock: Sendable {
    private let path: FilePath
    private let descriptor: FileDescriptor

    /// Takes the lock; nil if another process holds it. A file system that has no locks lets everybody pass.
    public init?(_ path: FilePath) throws(FileError) {
        StandardStream.prepare()
        self.path = path
        descriptor = try attempt("open", path) {
            try .open(
                path, .readWrite, options: [.create, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
        do {
            try systemCall("lock", path) { [descriptor] in flock(descriptor.rawValue, LOCK_EX | LOCK_NB) }
        } catch {
            if error.errno == .wouldBlock { return nil }
            guard Self.isUnsupported(error) else { throw error }
        }
    }

    deinit {
        try? descriptor.close()
    }

    private static func isUnsupported(_ error: FileError) -> Bool {
        [.noFunction, .notSupported, .noLocks].contains(error.errno)
    }

    /// Writes a line for people into the file.
    public func note(_ line: String) throws(FileError) {
        try attempt("write", path) {
            try descriptor.resize(to: 0)
            _ = try descriptor.writeAll(toAbsoluteOffset: 0, "\(line)\n".utf8)
        }
    }
}
