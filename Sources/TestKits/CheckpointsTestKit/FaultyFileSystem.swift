public import Files
import Synchronization
public import SystemPackage

/// A file system that goes wrong at one chosen operation, for sweeps over all of them.
///
/// Every call counts as one operation, from 1, those on open files too: a sweep moves the fault one call later until it
/// is not reached any more.
public final class FaultyFileSystem: ForwardingFileSystem {
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

        /// A read gives other bytes than those that are there; any other operation does what it should.
        case lies

        /// The same, and so do all later reads.
        case liesFromThenOn

        /// What the fault is called in messages.
        public var description: String {
            switch self {
            case .fails(let errno): "fails (\(errno))"
            case .stopsHalfway(let errno): "stops halfway (\(errno))"
            case .succeedsUnheard(let errno): "succeeds unheard (\(errno))"
            case .kills: "kills"
            case .killsHalfway: "kills halfway"
            case .lies: "lies"
            case .liesFromThenOn: "lies from then on"
            }
        }

        fileprivate var isDeadly: Bool { self == .kills || self == .killsHalfway }

        fileprivate var errno: Errno {
            switch self {
            case .fails(let errno), .stopsHalfway(let errno), .succeedsUnheard(let errno): errno
            case .kills, .killsHalfway: .noSuchProcess
            // Nothing is thrown.
            case .lies, .liesFromThenOn: .ioError
            }
        }
    }

    private struct State {
        var operationCount = 0
        var faultyOperation: String?
    }

    /// The files themselves.
    public let base: any FileSystem

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

    /// Does an operation, or what the fault makes of it.
    public func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try perform(operation, path, half: {}) { (_) throws(FileError) in try body() }
    }

    /// Counts a read, and says whether it is to give other bytes.
    fileprivate func isLie(readingFrom path: FilePath) throws(FileError) -> Bool {
        try perform(.read, path, half: {}) { (isFaulty) throws(FileError) in isFaulty }
    }

    /// Writes bytes, or what the fault makes of it.
    public func write(_ bytes: RawSpan, to file: any WritableFile, _ path: FilePath) throws(FileError) {
        let half = bytes.extracting(first: bytes.byteCount / 2)
        try perform(.write, path, half: { () throws(FileError) in try file.write(half) }) {
            (_) throws(FileError) in try file.write(bytes)
        }
    }

    /// Opens a file whose reads are operations too.
    public func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        let file = try perform(.open, path) { () throws(FileError) in try base.open(path) }
        return FaultyReadableFile(file, on: self)
    }

    /// `half` is what is left of an interrupted operation.
    private func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, half: () throws(FileError) -> Void,
        _ body: (_ isLie: Bool) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        let (wasFaulty, isFaulty) = state.withLock { state in
            let wasFaulty = state.faultyOperation != nil
            state.operationCount += 1
            let isFaulty = state.operationCount == position
            if isFaulty { state.faultyOperation = "\(operation.rawValue) \(path)" }
            return (wasFaulty, isFaulty)
        }
        guard isFaulty || (wasFaulty && fault.isDeadly) else { return try body(wasFaulty && fault == .liesFromThenOn) }
        if isFaulty {
            switch fault {
            case .fails, .kills: break
            case .stopsHalfway, .killsHalfway: try half()
            case .succeedsUnheard: _ = try body(false)
            case .lies, .liesFromThenOn: return try body(true)
            }
        }
        throw FileError(operation.rawValue, path, fault.errno)
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
        let isLie = try fileSystem.isLie(readingFrom: path)
        try base.read(into: &bytes, at: offset)
        if isLie { for index in bytes.indices { bytes[index] ^= 1 } }
    }
}
