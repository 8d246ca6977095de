import Glibc
public import SystemPackage

/// What Lockstep does with files, as a protocol, so that tests can make any single operation fail or kill the process
/// at it (`FaultyFileSystem` in `CheckpointsTestKit`).
///
/// Every operation throws a ``FileError`` that names the operation and the path.
public protocol FileSystem: Sendable {
    /// The same files, for what is kept in a directory: nothing below it is made, moved or deleted through a symbolic link,
    /// whoever has put that there. The directory itself may be reached by one, and links are followed for reading.
    func within(_ directory: FilePath) -> any FileSystem

    /// Makes a new, empty file for writing, replacing what stands at `path`. From its first moment on it has these
    /// permissions, less the umask.
    func create(_ path: FilePath, permissions: Int) throws(FileError) -> any WritableFile

    /// Opens an existing regular file for reading.
    func open(_ path: FilePath) throws(FileError) -> any ReadableFile

    /// Moves a file, replacing what stands at `target`, in one step.
    func rename(_ path: FilePath, to target: FilePath) throws(FileError)

    /// Deletes a file; one that is not there is no error.
    func remove(_ path: FilePath) throws(FileError)

    /// Makes a directory and those above it, unless they are there.
    func createDirectory(_ path: FilePath) throws(FileError)

    /// Deletes an empty directory.
    func removeDirectory(_ path: FilePath) throws(FileError)

    /// Asks for a lock that keeps others out who ask for it; a file of its name stays behind.
    func lock(_ path: FilePath) throws(FileError) -> LockOutcome

    /// Makes the names in a directory (creations, renames, deletions) durable.
    func synchronizeDirectory(_ path: FilePath) throws(FileError)

    /// What stands at `path`, or nil if nothing does.
    func status(of path: FilePath) throws(FileError) -> FileStatus?

    /// The names in a directory, sorted, without "." and "..".
    func names(in directory: FilePath) throws(FileError) -> [String]

    /// Where a symbolic link leads, as it says itself; nil if no link stands at `path`.
    func destination(ofLink path: FilePath) throws(FileError) -> FilePath?

    /// A number that nobody can guess, and that comes once, for names of files.
    func unguessableNumber() -> UInt64
}

extension FileSystem {
    /// That of a file system without links.
    public func within(_ directory: FilePath) -> any FileSystem { self }

    /// Makes a file that everybody may read, as far as the umask lets them.
    public func create(_ path: FilePath) throws(FileError) -> any WritableFile {
        try create(path, permissions: 0o644)
    }

    /// That of a file system without links.
    public func destination(ofLink path: FilePath) throws(FileError) -> FilePath? { nil }

    /// That of the system.
    public func unguessableNumber() -> UInt64 { SystemSurroundings().unguessableNumber() }

    /// A path beside another one that nobody can guess, hidden, for what is to become the file there: ".name.HEX.suffix".
    public func unguessablePath(beside path: FilePath, _ suffix: String) -> FilePath {
        let digits = String(unguessableNumber(), radix: 16)
        return path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").\(digits).\(suffix)")
    }
}

/// A file being written from its beginning to its end.
public protocol WritableFile: AnyObject {
    /// Appends bytes, all of them.
    func write(_ bytes: RawSpan) throws(FileError)

    /// Waits until everything written is on stable storage (`fsync`).
    func synchronize() throws(FileError)

    /// Closes the file. It can be called once; a file let go of without it is closed silently.
    func close() throws(FileError)

    /// Whether bytes may be written on another thread, while the caller's goes on. By default not: a file in front of another may
    /// belong to the thread that it was made on, as simulated ones do.
    var canBeWrittenBehind: Bool { get }
}

extension WritableFile {
    /// It may not.
    public var canBeWrittenBehind: Bool { false }
}

/// A file open for reading at any place.
public protocol ReadableFile: AnyObject, Sendable {
    /// The path it was opened under.
    var path: FilePath { get }

    /// The size in bytes when it was opened.
    var byteCount: Int { get }

    /// The permission bits when it was opened, such as 0o400; nil where there are none.
    var permissions: Int? { get }

    /// The number of the user whose it is.
    var owner: UInt32 { get }

    /// Fills `bytes` from `offset` on. The end of the file within them is an error.
    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError)
}

extension ReadableFile {
    /// That of a file without permissions.
    public var permissions: Int? { nil }

    /// That of what is no file of the disk.
    public var owner: UInt32 { FileStatus.user }
}

/// What stands at a path.
public struct FileStatus: Sendable, Equatable {
    /// A regular file, a directory, or anything else.
    public enum Kind: Sendable { case file, directory, other }

    /// Which of these it is.
    public let kind: Kind

    /// The size in bytes.
    public let byteCount: Int

    /// When it was last written, in seconds since 1970.
    public let modificationTime: Double

    /// The number of the user whose it is.
    public let owner: UInt32

    /// The number of the user of this process.
    public static var user: UInt32 { geteuid() }

    /// Describes what stands at a path.
    public init(kind: Kind, byteCount: Int, modificationTime: Double, owner: UInt32 = Self.user) {
        self.kind = kind
        self.byteCount = byteCount
        self.modificationTime = modificationTime
        self.owner = owner
    }
}
