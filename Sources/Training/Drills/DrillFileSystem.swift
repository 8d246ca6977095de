public import Files
import Synchronization
public import SystemPackage

/// The files of a run, with drills at the operations of loading and saving.
///
/// A save begins, on every rank, where it makes sure that the directory is there; its operations count from then on, as
/// far as they change something: how often a run looks for requests to stop depends on the time. A
/// rank loads when it opens a file before its first step.
public final class DrillFileSystem: Sendable {
    private struct State {
        var saves = 0
        var operation = 0
    }

    private let base: any FileSystem
    private let directory: FilePath
    private let runner: DrillRunner
    private let state = Mutex(State())

    /// Wraps the files that a run uses to load from and save to `directory`.
    public init(_ base: any FileSystem, directory: FilePath, runner: DrillRunner) {
        self.base = base
        self.directory = directory.lexicallyNormalized()
        self.runner = runner
    }

    /// Comes before an operation.
    fileprivate func reach(_ operation: String, _ path: FilePath) throws(FileError) {
        let moment = state.withLock { state -> Drill.Moment? in
            guard state.saves > 0 else { return nil }
            state.operation += 1
            return .save(state.saves, operation: state.operation)
        }
        if let moment { try runner.reach(moment, operation, path) }
    }

    /// While a run trains it makes sure of its directory once a save.
    private func noteDirectory(_ path: FilePath) {
        guard runner.isTraining, path.lexicallyNormalized() == directory else { return }
        state.withLock { state in
            state.saves += 1
            state.operation = 0
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension DrillFileSystem: FileSystem {
    public func create(_ path: FilePath) throws(FileError) -> any WritableFile {
        try reach("create", path)
        return DrillWritableFile(try base.create(path), path, on: self)
    }

    public func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        if !runner.isTraining, path.starts(with: directory) { try runner.reach(.load, "open", path) }
        return try base.open(path)
    }

    public func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        try reach("rename", path)
        try base.rename(path, to: target)
    }

    public func remove(_ path: FilePath) throws(FileError) {
        try reach("delete", path)
        try base.remove(path)
    }

    public func createDirectory(_ path: FilePath) throws(FileError) {
        noteDirectory(path)
        try reach("make the directory", path)
        try base.createDirectory(path)
    }

    public func synchronizeDirectory(_ path: FilePath) throws(FileError) {
        try reach("synchronize", path)
        try base.synchronizeDirectory(path)
    }

    public func setPermissions(_ permissions: Int, of path: FilePath) throws(FileError) {
        try reach("set the permissions of", path)
        try base.setPermissions(permissions, of: path)
    }

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        try base.status(of: path)
    }

    public func names(in directory: FilePath) throws(FileError) -> [String] {
        try base.names(in: directory)
    }
}

private final class DrillWritableFile: WritableFile {
    private let base: any WritableFile
    private let path: FilePath
    private let fileSystem: DrillFileSystem

    init(_ base: any WritableFile, _ path: FilePath, on fileSystem: DrillFileSystem) {
        self.base = base
        self.path = path
        self.fileSystem = fileSystem
    }

    func write(_ bytes: RawSpan) throws(FileError) {
        try fileSystem.reach("write", path)
        try base.write(bytes)
    }

    func synchronize() throws(FileError) {
        try fileSystem.reach("synchronize", path)
        try base.synchronize()
    }

    func close() throws(FileError) {
        try fileSystem.reach("close", path)
        try base.close()
    }
}
