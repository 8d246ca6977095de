import Glibc
public import SystemPackage

/// The files of this machine.
///
/// ``create(_:permissions:)`` deletes a file or symbolic link at its path first, so that a reader that still has the old
/// file open keeps the old bytes, and a link's target is never written to; a device, a pipe or a directory at the path is
/// an error. What is made, moved or deleted is reached by way of a directory that is held open.
public struct LocalFileSystem: Sendable {
    // Below it no symbolic link is followed to what is changed.
    private let root: FilePath?

    /// Makes the door to this machine's files.
    public init() {
        // A file that took the place of a closed standard stream would get what is printed.
        StandardStream.prepare()
        root = nil
    }

    private init(root: FilePath) {
        self.root = root
    }

    private func folder(of path: FilePath, for operation: String) throws(FileError) -> LocalFolder {
        try LocalFolder(of: path, below: root, for: operation)
    }

    /// Makes a directory that was not there, in one that is there.
    public func createNewDirectory(_ path: FilePath) throws(FileError) {
        try unsafe folder(of: path, for: "make the directory").call { unsafe mkdirat($0, $1, 0o777) }
    }

    /// The same place from the root on, without links, "." and "..".
    public func resolved(_ path: FilePath) throws(FileError) -> FilePath {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        try systemCall("resolve", path) {
            unsafe (path.isEmpty ? "." : path).withPlatformString { unsafe realpath($0, &bytes) == nil ? -1 : 0 }
        }
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe bytes.baseAddress.map { unsafe FilePath(platformString: $0) } ?? FilePath()
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LocalFileSystem: FileSystem {
    public func within(_ directory: FilePath) -> any FileSystem { LocalFileSystem(root: directory) }

    public func create(_ path: FilePath, permissions: Int) throws(FileError) -> any WritableFile {
        let folder = try folder(of: path, for: "create")
        if let kind = try folder.kind() {
            guard kind == S_IFREG || kind == S_IFLNK else {
                throw FileError("create", path, reason: "something that is no file has this name", errno: .fileExists)
            }
            try unsafe folder.call { unsafe unlinkat($0, $1, 0) }
        }
        let number = try unsafe folder.call {
            unsafe openat($0, $1, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(permissions))
        }
        return LocalWritableFile(FileDescriptor(rawValue: number), named: path)
    }

    public func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        try LocalReadableFile(path)
    }

    public func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        let destination = try folder(of: target, for: "rename \(path) to")
        try folder(of: path, for: "rename to \(target)").rename(to: destination)
    }

    public func remove(_ path: FilePath) throws(FileError) {
        do {
            try unsafe folder(of: path, for: "delete").call { unsafe unlinkat($0, $1, 0) }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
        }
    }

    public func removeDirectory(_ path: FilePath) throws(FileError) {
        try unsafe folder(of: path, for: "delete the directory").call { unsafe unlinkat($0, $1, AT_REMOVEDIR) }
    }

    public func lock(_ path: FilePath) throws(FileError) -> LockOutcome { try FileLock.take(path) }

    public func createDirectory(_ path: FilePath) throws(FileError) {
        // Below the root every step must be a directory of its own.
        let isBelowRoot = path.steps(below: root) != nil
        let isThere = { () throws(FileError) -> Bool in
            try systemStatus(of: path, followLink: !isBelowRoot)?.type == .directory
        }
        if !isBelowRoot, try isThere() { return }
        let parent = path.removingLastComponent()
        if !parent.isEmpty && parent != path { try createDirectory(parent) }
        do {
            try createNewDirectory(path)
        } catch {
            guard error.errno == .fileExists else { throw error }
            // Another rank may have made it in between.
            if try isThere() { return }
            throw isBelowRoot
                ? FileError(error.operation, path, reason: LocalFolder.reason(against: path), errno: .fileExists)
                : error
        }
    }

    public func synchronizeDirectory(_ path: FilePath) throws(FileError) {
        let directory = path.isEmpty ? "." : path
        let descriptor = try attempt("open the directory", directory) {
            try FileDescriptor.open(directory, .readOnly, options: [.directory, .closeOnExec])
        }
        defer { try? descriptor.close() }
        do {
            try systemCall("synchronize", directory) { fsync(descriptor.rawValue) }
        } catch {
            // Some network file systems cannot synchronize a directory and say EINVAL: nothing more can be done there.
            guard error.errno == .invalidArgument else { throw error }
        }
    }

    public func status(of path: FilePath) throws(FileError) -> FileStatus? {
        guard let status = try systemStatus(of: path, followLink: true) else { return nil }
        let kind: FileStatus.Kind =
            switch status.type {
            case .regular: .file
            case .directory: .directory
            default: .other
            }
        let time = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        return FileStatus(
            kind: kind, byteCount: Int(status.size), modificationTime: time, owner: status.userID.rawValue)
    }

    public func destination(ofLink path: FilePath) throws(FileError) -> FilePath? {
        guard try systemStatus(of: path, followLink: false)?.type == .symbolicLink else { return nil }
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let limit = bytes.count - 1
        let count = try systemCall("read the link", path) {
            unsafe path.withPlatformString { path in Int32(unsafe readlink(path, &bytes, limit)) }
        }
        bytes[Int(count)] = 0
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe bytes.baseAddress.map { unsafe FilePath(platformString: $0) } ?? FilePath()
        }
    }

    public func names(in directory: FilePath) throws(FileError) -> [String] {
        let path: FilePath = directory.isEmpty ? "." : directory
        guard let stream = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
            throw FileError("list", path, Errno(rawValue: errno))
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            // The end of the list and an error differ in errno alone.
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe entryName(entry)
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw FileError("list", path, Errno(rawValue: errno)) }
        return names.sorted()
    }
}

/// The name in an entry of a directory, read in place: the entry may be shorter than the type `dirent`.
@unsafe private func entryName(_ entry: UnsafeMutablePointer<dirent>) -> String {
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { fatalError("dirent has no d_name") }
    let name = unsafe UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
    return unsafe String(cString: name)
}

/// What the system says about a path; nil if nothing is there.
private func systemStatus(of path: FilePath, followLink: Bool) throws(FileError) -> Stat? {
    do throws(Errno) {
        return try Stat(path, followTargetSymlink: followLink)
    } catch {
        if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
        throw FileError("look at", path, error)
    }
}
