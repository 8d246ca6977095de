public import Files
import Synchronization
public import SystemPackage

/// A file system in memory that remembers what was synchronized, so that tests can let the power fail.
///
/// It keeps the promises of `FileSystem` and no more: bytes are stable after `synchronize` of their file, names after
/// `synchronizeDirectory` of their directory, and renames within one directory happen whole or not at all. Paths are
/// absolute; "/" is there from the start.
public final class MemoryFileSystem: Sendable {
    /// What a power failure destroys of all that was not synchronized. Real disks do anything between these.
    public struct Loss: Sendable, CustomStringConvertible {
        /// What the case is called in messages.
        public let description: String

        let keepsBytes: Bool
        let keepsNames: @Sendable (String) -> Bool

        /// Everything is lost.
        public static let everything = Loss(description: "everything lost", keepsBytes: false) { _ in false }

        /// Names are there, the bytes of their files are not: the zero-length files of journaling file systems.
        public static let bytes = Loss(description: "bytes lost", keepsBytes: false) { _ in true }

        /// Bytes are there, their files' names are not.
        public static let names = Loss(description: "names lost", keepsBytes: true) { _ in false }

        /// Names in one directory are kept, all others are lost.
        public static func namesOutside(_ folder: FilePath) -> Loss {
            Loss(description: "names outside \(folder) lost", keepsBytes: true) { [folder = folder.string] in
                $0 == folder
            }
        }

        /// Names in one directory are lost, all others are kept.
        public static func namesIn(_ folder: FilePath) -> Loss {
            Loss(description: "names in \(folder) lost", keepsBytes: true) { [folder = folder.string] in $0 != folder }
        }
    }

    private let disk: Mutex<MemoryDisk>
    private let locks = LockTable()

    /// Makes an empty file system.
    public convenience init() {
        self.init(MemoryDisk())
    }

    private init(_ disk: MemoryDisk) {
        self.disk = Mutex(disk)
    }

    /// A file system with the same contents that goes its own way from now on.
    public func copy() -> MemoryFileSystem {
        MemoryFileSystem(disk.withLock { $0 })
    }

    /// What would be there if power failed now.
    public func afterPowerFailure(_ loss: Loss) -> MemoryFileSystem {
        MemoryFileSystem(disk.withLock { $0.afterPowerFailure(loss) })
    }

    /// The permission bits of a file; nil if there is none.
    public func permissions(of path: FilePath) -> Int? {
        disk.withLock { $0.file(at: path.string)?.permissions }
    }

    /// Changes one bit of a file, as a failing disk does.
    public func damage(_ path: FilePath, at offset: Int) {
        disk.withLock { disk in
            guard case .file(let number)? = disk.node(at: path.string) else {
                preconditionFailure("there is no \(path)")
            }
            disk.change(number) { $0.bytes[offset] ^= 1 }
        }
    }

    fileprivate func change(_ number: Int, _ body: (inout MemoryDisk.File) -> Void) {
        disk.withLock { $0.change(number, body) }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MemoryFileSystem: FileSystem {
    public func create(_ path: FilePath, permissions: Int) throws(FileError) -> any WritableFile {
        let number = try disk.withLock { (disk) throws(FileError) in
            guard disk.folder(at: MemoryDisk.split(path.string).folder) != nil else {
                throw FileError("create", path, .noSuchFileOrDirectory)
            }
            guard disk.node(at: path.string) != .directory else { throw FileError("create", path, .fileExists) }
            return disk.addFile(at: path.string, permissions: permissions)
        }
        return MemoryDiskFile(number, on: self)
    }

    public func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        guard let file = disk.withLock({ $0.file(at: path.string) }) else {
            throw FileError("open", path, .noSuchFileOrDirectory)
        }
        return MemoryReadableFile(file.bytes, path: path)
    }

    public func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        try disk.withLock { (disk) throws(FileError) in
            guard let node = disk.node(at: path.string), disk.folder(at: MemoryDisk.split(target.string).folder) != nil
            else {
                throw FileError("rename to \(target)", path, .noSuchFileOrDirectory)
            }
            disk.set(nil, at: path.string)
            disk.set(node, at: target.string)
        }
    }

    public func remove(_ path: FilePath) throws(FileError) {
        try disk.withLock { (disk) throws(FileError) in
            guard disk.node(at: path.string) != .directory else { throw FileError("delete", path, .isDirectory) }
            disk.set(nil, at: path.string)
        }
    }

    public func createDirectory(_ path: FilePath) throws(FileError) {
        try disk.withLock { (disk) throws(FileError) in
            var folder = ""
            for component in path.string.split(separator: "/") {
                folder += "/\(component)"
                switch disk.node(at: folder) {
                case .directory: continue
                case .file: throw FileError("make the directory", path, .notDirectory)
                case nil: disk.addFolder(at: folder)
                }
            }
        }
    }

    public func removeDirectory(_ path: FilePath) throws(FileError) {
        try disk.withLock { (disk) throws(FileError) in
            guard let folder = disk.folder(at: path.string) else {
                throw FileError("delete the directory", path, .noSuchFileOrDirectory)
            }
            guard folder.names.isEmpty else { throw FileError("delete the directory", path, .directoryNotEmpty) }
            disk.removeFolder(at: path.string)
        }
    }

    public func lock(_ path: FilePath) throws(FileError) -> LockOutcome {
        if try status(of: path) == nil { try create(path).close() }
        return locks.take(path.string)
    }

    public func synchronizeDirectory(_ path: FilePath) throws(FileError) {
        try disk.withLock { (disk) throws(FileError) in
            guard disk.folder(at: path.string) != nil else {
                throw FileError("synchronize", path, .noSuchFileOrDirectory)
            }
            disk.makeNamesStable(in: path.string)
        }
    }

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        disk.withLock { disk in
            if let file = disk.file(at: path.string) {
                return FileStatus(
                    kind: .file, byteCount: file.bytes.count, modificationTime: file.modificationTime)
            }
            guard disk.node(at: path.string) == .directory else { return nil }
            return FileStatus(kind: .directory, byteCount: 0, modificationTime: 0)
        }
    }

    public func names(in directory: FilePath) throws(FileError) -> [String] {
        guard let folder = disk.withLock({ $0.folder(at: directory.string) }) else {
            throw FileError("list", directory, .noSuchFileOrDirectory)
        }
        return folder.names.keys.sorted()
    }
}

/// A file of a memory file system being written.
private final class MemoryDiskFile: WritableFile {
    private let number: Int
    private let fileSystem: MemoryFileSystem

    init(_ number: Int, on fileSystem: MemoryFileSystem) {
        self.number = number
        self.fileSystem = fileSystem
    }

    func write(_ bytes: RawSpan) {
        fileSystem.change(number) { file in
            unsafe bytes.withUnsafeBytes { unsafe file.bytes.append(contentsOf: $0) }
        }
    }

    func synchronize() {
        fileSystem.change(number) { $0.stableBytes = $0.bytes }
    }

    func close() {}
}

/// The locks that are held.
private final class LockTable: Sendable {
    private let notes = Mutex<[String: String]>([:])

    func take(_ path: String) -> LockOutcome {
        let holder = notes.withLock { notes -> String? in
            defer { notes[path] = notes[path] ?? "" }
            return notes[path]
        }
        return holder.map { .held(by: $0.isEmpty ? nil : $0) } ?? .taken(MemoryLock(path, in: self))
    }

    func note(_ line: String, for path: String) { notes.withLock { $0[path] = line } }

    func giveBack(_ path: String) { notes.withLock { $0[path] = nil } }
}

private final class MemoryLock: HeldLock {
    private let path: String
    private let table: LockTable

    init(_ path: String, in table: LockTable) {
        self.path = path
        self.table = table
    }

    deinit {
        table.giveBack(path)
    }

    func note(_ line: String) { table.note(line, for: path) }
}
