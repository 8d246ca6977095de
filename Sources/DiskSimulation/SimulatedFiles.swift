import Files
import SystemPackage

/// The files of a simulated disk as one process on one host sees them.
struct SimulatedFiles: Sendable {
    let disk: SimulatedDisk
    let host: Int
    let process: Int

    /// Which of all processes that had this number it is.
    let identity: UInt64

    init(_ disk: SimulatedDisk, host: Int, process: Int, _ identity: UInt64) {
        self.disk = disk
        self.host = host
        self.process = process
        self.identity = identity
    }

    /// Does an operation, or what the faults of the disk make of it.
    func perform<Result: Sendable>(
        _ operation: FileOperation, _ path: FilePath, to target: FilePath? = nil, file: Int? = nil,
        _ body: (inout DiskState, String, DiskVerdict) throws(Errno) -> Result
    ) throws(FileError) -> Result {
        let text = path.string
        do throws(Errno) {
            guard let verdict = disk.begin(operation, text, file: file, by: identity) else { throw .noSuchProcess }
            let isDone = verdict.isDone && (verdict.thirds == 3 || operation == .write)
            let outcome = disk.proceed(identity) { state in
                var result: Swift.Result<Result, Errno>?
                if isDone { result = Self.result { () throws(Errno) in try body(&state, text, verdict) } }
                let hasChanged = state.hasChanged
                if verdict.kills { state.kill(identity) }
                return (result, hasChanged)
            }
            guard let (result, hasChanged) = outcome else { throw .noSuchProcess }
            if hasChanged {
                disk.tell(
                    of: DiskChange(
                        number: verdict.number, operation: operation, path: text, target: target?.string, host: host,
                        process: process))
            }
            if verdict.kills { disk.tell(ofKilled: process) }
            if let errno = verdict.errno { throw errno }
            guard let result else { fatalError("\(operation) is neither done nor refused") }
            return try result.get()
        } catch {
            throw FileError(target.map { "\(operation.rawValue) to \($0)" } ?? operation.rawValue, path, error)
        }
    }

    private static func result<Value>(_ body: () throws(Errno) -> Value) -> Swift.Result<Value, Errno> {
        do throws(Errno) { return .success(try body()) } catch { return .failure(error) }
    }
}

extension SimulatedFiles: FileSystem {
    func create(_ path: FilePath, permissions: Int) throws(FileError) -> any WritableFile {
        let number = try perform(.create, path) { (state, path, _) throws(Errno) in
            try state.create(path, permissions: permissions, by: identity, on: host)
        }
        return SimulatedWritableFile(number, path, in: self)
    }

    func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        let (number, file) = try perform(.open, path) { (state, path, _) throws(Errno) in
            let number = try state.file(toReadAt: path, for: host)
            return (number, state.image.files[number])
        }
        guard let file else { throw FileError("open", path, .noSuchFileOrDirectory) }
        return SimulatedReadableFile(number, file, path, in: self)
    }

    func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        try perform(.rename, path, to: target) { (state, path, _) throws(Errno) in
            try state.rename(path, to: target.string, by: host)
        }
    }

    func remove(_ path: FilePath) throws(FileError) {
        try perform(.delete, path) { (state, path, _) throws(Errno) in try state.remove(path, by: host) }
    }

    func createDirectory(_ path: FilePath) throws(FileError) {
        try perform(.makeDirectory, path) { (state, path, _) throws(Errno) in
            try state.createDirectory(path, by: host)
        }
    }

    func removeDirectory(_ path: FilePath) throws(FileError) {
        try perform(.deleteDirectory, path) { (state, path, _) throws(Errno) in
            try state.removeDirectory(path, by: host)
        }
    }

    func lock(_ path: FilePath) throws(FileError) -> LockOutcome {
        let answer = try perform(.lock, path) { (state, path, _) throws(Errno) in
            try state.lock(path, by: identity, on: host)
        }
        return switch answer {
        case .taken(let file): .taken(SimulatedLock(file, path, in: self))
        case .held(let holder): .held(by: holder)
        }
    }

    func synchronizeDirectory(_ path: FilePath) throws(FileError) {
        try perform(.synchronize, path) { (state, path, _) throws(Errno) in
            try state.synchronizeDirectory(path, for: host)
        }
    }

    func status(of path: FilePath) throws(FileError) -> FileStatus? {
        try perform(.lookAt, path) { (state, path, _) throws(Errno) in state.status(of: path, for: host) }
    }

    func names(in directory: FilePath) throws(FileError) -> [String] {
        try perform(.list, directory) { (state, path, _) throws(Errno) in try state.names(in: path, for: host) }
    }

    /// There are no links.
    func destination(ofLink path: FilePath) throws(FileError) -> FilePath? {
        try perform(.lookAt, path) { (_, _, _) throws(Errno) in nil }
    }

    func unguessableNumber() -> UInt64 { disk.withState { $0.unguessableNumber(for: identity) } }
}
