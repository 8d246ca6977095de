public import SystemPackage

/// A file operation that failed.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, as in "cannot … PATH": "write", "open", "rename".
    public let operation: String

    /// The file or directory it was tried on.
    public let path: FilePath

    /// Why it failed, in words, such as "No space left on device".
    public let reason: String

    /// The error number of the system, if the system refused.
    public let errno: Errno?

    /// Describes a failure of the system.
    public init(_ operation: String, _ path: FilePath, _ errno: Errno) {
        self.init(operation, path, reason: errno.description, errno: errno)
    }

    /// Describes a failure in words.
    public init(_ operation: String, _ path: FilePath, reason: String, errno: Errno? = nil) {
        self.operation = operation
        self.path = path
        self.reason = reason
        self.errno = errno
    }

    /// One sentence: "cannot write out/rank_3/a.ckpt: No space left on device".
    public var description: String { "cannot \(operation) \(path): \(reason)" }
}
