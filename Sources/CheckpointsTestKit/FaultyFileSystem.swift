public import Files
import Synchronization
public import SystemPackage

/// A file system that goes wrong at one chosen operation, for sweeps over all of them.
///
/// Every call counts as one operation, from 1, those on open files too: a sweep moves the fault one call later until it
/// is not reached any more.
public final class FaultyFileSystem: Sendable {
    /// What happens at the chosen operation.
    public enum Fault: Sendable, Hashable, CustomStringConvertible {
        /// It does nothing and throws.
        case fails(Errno)

        /// A write writes half and throws; any other operation does nothing and throws.
        case stopsHalfway(Errno)

        /// It does what it should and throws all the same, as over a network that loses the answer.
        case succeedsUnheard(Errno)

        /// The process is dead: this and all later operations do nothing and throw.
        case kills

        /// A write writes half, and then the process is dead.
        case killsHalfway

        /// What the fault is called in messages.
        public var description: String {
            switch self {
            case .fails(let errno): "fails (\(errno))"
            case .stopsHalfway(let errno): "stops halfway (\(errno))"
            case .succeedsUnheard(let errno): "succeeds unheard (\(errno))"
            case .kills: "kills"
            case .killsHalfway: "kills halfway"
            }
        }

        fileprivate var isDeadly: Bool { self == .kills || self == .killsHalfway }

        fileprivate var errno: Errno {
            switch self {
            case .fails(let errno), .stopsHalfway(let errno), .succeedsUnheard(let errno): errno
            case .kills, .killsHalfway: .noSuchProcess
            }
        }
    }

    private struct State {
        var operationCount = 0
        var faultyOperation: String?
    }

    private let base: any FileSystem
    private let fault: Fault
    private let position: Int
    private let state = Mutex(State())

    /// Wraps a file system; operation number `position` goes wrong, none if it is 0.
    public init(_ base: any FileSystem, _ fault: Fault = .kills, at position: Int = 0) {
        self.base = base
        self.fault = fault
        self.position = position
    }

    /// The number of operations so far.
    public var operationCount: Int { state.withLock { $0.operationCount } }

    /// The operation that went wrong; nil if it was not reached.
    public var faultyOperation: String? { state.withLock { $0.faultyOperation } }

    /// Whether the process that uses this file system counts as dead.
    public var isDead: Bool { fault.isDeadly && faultyOperation != nil }

    /// Runs one operation, or what the fault makes of it. `half` is what is left of an interrupted one.
    fileprivate func perform<Result>(
        _ operation: String, _ path: FilePath, half: () throws(FileError) -> Void = {},
        _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        let (wasDead, isFaulty) = state.withLock { state in
            let wasDead = fault.isDeadly && state.faultyOperation != nil
            state.operationCount += 1
            let isFaulty = state.operationCount == position
            if isFaulty { state.faultyOperation = "\(operation) \(path)" }
            return (wasDead, isFaulty)
        }
        guard wasDead || isFaulty else { return try body() }
        if isFaulty {
            switch fault {
            case .fails, .kills: break
            case .stopsHalfway, .killsHalfway: try half()
            case .succeedsUnheard: _ = try body()
            }
        }
        throw FileError(operation, path, fault.errno)
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension FaultyFileSystem: FileSystem {
    public func create(_ path: FilePath) throws(FileError) -> any WritableFile {
        let file = try perform("create", path) { () throws(FileError) in try base.create(path) }
        return FaultyWritableFile(file, path, on: self)
    }

    public func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        let file = try perform("open", path) { () throws(FileError) in try base.open(path) }
        return FaultyReadableFile(file, on: self)
    }

    public func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        try perform("rename", path) { () throws(FileError) in try base.rename(path, to: target) }
    }

    public func remove(_ path: FilePath) throws(FileError) {
        try perform("delete", path) { () throws(FileError) in try base.remove(path) }
    }

    public func createDirectory(_ path: FilePath) throws(FileError) {
        try perform("make the directory", path) { () throws(FileError) in try base.createDirectory(path) }
    }

    public func synchronizeDirectory(_ path: FilePath) throws(FileError) {
        try perform("synchronize", path) { () throws(FileError) in try base.synchronizeDirectory(path) }
    }

    public func setPermissions(_ permissions: Int, of path: FilePath) throws(FileError) {
        try perform("set the permissions of", path) { () throws(FileError) in
            try base.setPermissions(permissions, of: path)
        }
    }

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        try perform("look at", path) { () throws(FileError) in try base.status(of: path) }
    }

    public func names(in directory: FilePath) throws(FileError) -> [String] {
        try perform("list", directory) { () throws(FileError) in try base.names(in: directory) }
    }
}

private final class FaultyWritableFile: WritableFile {
    private let base: any WritableFile
    private let path: FilePath
    private let fileSystem: FaultyFileSystem

    init(_ base: any WritableFile, _ path: FilePath, on fileSystem: FaultyFileSystem) {
        self.base = base
        self.path = path
        self.fileSystem = fileSystem
    }

    func write(_ bytes: RawSpan) throws(FileError) {
        let half = bytes.extracting(first: bytes.byteCount / 2)
        try fileSystem.perform("write", path, half: { () throws(FileError) in try base.write(half) }) {
            () throws(FileError) in try base.write(bytes)
        }
    }

    func synchronize() throws(FileError) {
        try fileSystem.perform("synchronize", path) { () throws(FileError) in try base.synchronize() }
    }

    func close() throws(FileError) {
        try fileSystem.perform("close", path) { () throws(FileError) in try base.close() }
    }
}

private final class FaultyReadableFile: ReadableFile {
    private let base: any ReadableFile
    private let fileSystem: FaultyFileSystem

    init(_ base: any ReadableFile, on fileSystem: FaultyFileSystem) {
        self.base = base
        self.fileSystem = fileSystem
    }

    var path: FilePath { base.path }
    var byteCount: Int { base.byteCount }

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        // Counted before it is done: a closure cannot hold a span that changes.
        try fileSystem.perform("read", path) {}
        try base.read(into: &bytes, at: offset)
    }
}
