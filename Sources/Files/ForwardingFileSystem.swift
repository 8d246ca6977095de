public import SystemPackage

/// A file system in front of another one, which does what this one does not do itself.
///
/// Every operation goes through ``perform(_:_:_:)``, those of files made here too.
public protocol ForwardingFileSystem: FileSystem {
    /// The one behind it.
    var base: any FileSystem { get }

    /// Does an operation, or something else in its place.
    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result

    /// Writes bytes to a file that was made by ``base``.
    func write(_ bytes: RawSpan, to file: any WritableFile, _ path: FilePath) throws(FileError)
}

/// What is done with a file or a directory, in the words of a ``FileError``.
public enum FileOperation: String, Sendable {
    /// A file is made.
    case create
    /// A file is opened for reading.
    case open
    /// A file is moved.
    case rename
    /// A file is deleted.
    case delete
    /// A directory is deleted.
    case deleteDirectory = "delete the directory"
    /// A lock is asked for.
    case lock
    /// A directory is made.
    case makeDirectory = "make the directory"
    /// What was written to a file, or the names in a directory, are made durable.
    case synchronize
    /// It is asked what stands at a path.
    case lookAt = "look at"
    /// The names in a directory are read.
    case list
    /// Bytes are appended to a file.
    case write
    /// A file that was written is closed.
    case close
    /// Bytes of a file are read.
    case read

    /// Whether a disk is another one afterwards.
    public var isChange: Bool {
        switch self {
        case .open, .lookAt, .list, .read, .lock: false
        case .create, .rename, .delete, .deleteDirectory, .makeDirectory, .synchronize, .write, .close: true
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ForwardingFileSystem {
    public func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try body()
    }

    public func write(_ bytes: RawSpan, to file: any WritableFile, _ path: FilePath) throws(FileError) {
        try perform(.write, path) { () throws(FileError) in try file.write(bytes) }
    }

    public func within(_ directory: FilePath) -> any FileSystem {
        ConfinedFileSystem(front: self, base: base.within(directory))
    }

    public func create(_ path: FilePath, permissions: Int) throws(FileError) -> any WritableFile {
        let file = try perform(.create, path) { () throws(FileError) in
            try base.create(path, permissions: permissions)
        }
        return ForwardingFile(file, path, on: self)
    }

    public func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        try perform(.open, path) { () throws(FileError) in try base.open(path) }
    }

    public func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        try perform(.rename, path) { () throws(FileError) in try base.rename(path, to: target) }
    }

    public func remove(_ path: FilePath) throws(FileError) {
        try perform(.delete, path) { () throws(FileError) in try base.remove(path) }
    }

    public func createDirectory(_ path: FilePath) throws(FileError) {
        try perform(.makeDirectory, path) { () throws(FileError) in try base.createDirectory(path) }
    }

    public func removeDirectory(_ path: FilePath) throws(FileError) {
        try perform(.deleteDirectory, path) { () throws(FileError) in try base.removeDirectory(path) }
    }

    public func lock(_ path: FilePath) throws(FileError) -> LockOutcome {
        try perform(.lock, path) { () throws(FileError) in try base.lock(path) }
    }

    public func synchronizeDirectory(_ path: FilePath) throws(FileError) {
        try perform(.synchronize, path) { () throws(FileError) in try base.synchronizeDirectory(path) }
    }

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        try perform(.lookAt, path) { () throws(FileError) in try base.status(of: path) }
    }

    public func names(in directory: FilePath) throws(FileError) -> [String] {
        try perform(.list, directory) { () throws(FileError) in try base.names(in: directory) }
    }

    public func destination(ofLink path: FilePath) throws(FileError) -> FilePath? {
        try perform(.lookAt, path) { () throws(FileError) in try base.destination(ofLink: path) }
    }

    public func unguessableNumber() -> UInt64 { base.unguessableNumber() }
}

/// A file that was made by a file system in front of another one.
private final class ForwardingFile: WritableFile {
    private let base: any WritableFile
    private let path: FilePath
    private let fileSystem: any ForwardingFileSystem

    init(_ base: any WritableFile, _ path: FilePath, on fileSystem: any ForwardingFileSystem) {
        self.base = base
        self.path = path
        self.fileSystem = fileSystem
    }

    func write(_ bytes: RawSpan) throws(FileError) {
        try fileSystem.write(bytes, to: base, path)
    }

    func synchronize() throws(FileError) {
        try fileSystem.perform(.synchronize, path) { () throws(FileError) in try base.synchronize() }
    }

    func close() throws(FileError) {
        try fileSystem.perform(.close, path) { () throws(FileError) in try base.close() }
    }
}

/// A file system in front of another one, for what is kept in a directory: it reads and counts as ever, and changes what
/// lies behind it within that directory only.
private struct ConfinedFileSystem<Front: ForwardingFileSystem>: ForwardingFileSystem {
    let front: Front
    let base: any FileSystem

    func within(_ directory: FilePath) -> any FileSystem { front.within(directory) }

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try front.perform(operation, path, body)
    }

    func write(_ bytes: RawSpan, to file: any WritableFile, _ path: FilePath) throws(FileError) {
        try front.write(bytes, to: file, path)
    }

    func open(_ path: FilePath) throws(FileError) -> any ReadableFile { try front.open(path) }
}
