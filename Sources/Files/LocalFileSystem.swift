import Glibc
public import SystemPackage

/// The files of this machine.
///
/// A new file has mode 0644 less the umask. ``create(_:)`` deletes a file or symbolic link at its path first, so that a
/// reader that still has the old file open keeps the old bytes, and a link's target is never written to; a device, a
/// pipe or a directory at the path is an error.
public struct LocalFileSystem: Sendable {
    /// Makes the door to this machine's files.
    public init() {
        // A file that took the place of a closed standard stream would get what is printed.
        StandardStream.prepare()
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LocalFileSystem: FileSystem {
    public func create(_ path: FilePath) throws(FileError) -> any WritableFile {
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec]
        if let existing = try systemStatus(of: path, followLink: false) {
            guard existing.type == .regular || existing.type == .symbolicLink else {
                throw FileError("create", path, reason: "something that is no file has this name", errno: .fileExists)
            }
            try remove(path)
        }
        return try LocalWritableFile(path, options)
    }

    public func open(_ path: FilePath) throws(FileError) -> any ReadableFile {
        try LocalReadableFile(path)
    }

    public func rename(_ path: FilePath, to target: FilePath) throws(FileError) {
        try systemCall("rename to \(target)", path) {
            unsafe path.withPlatformString { path in
                unsafe target.withPlatformString { unsafe Glibc.rename(path, $0) }
            }
        }
    }

    public func remove(_ path: FilePath) throws(FileError) {
        do {
            try systemCall("delete", path) { unsafe path.withPlatformString { unsafe unlink($0) } }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
        }
    }

    public func createDirectory(_ path: FilePath) throws(FileError) {
        if try systemStatus(of: path, followLink: true)?.type == .directory { return }
        let parent = path.removingLastComponent()
        if !parent.isEmpty && parent != path { try createDirectory(parent) }
        do {
            try systemCall("make the directory", path) { unsafe path.withPlatformString { unsafe mkdir($0, 0o777) } }
        } catch {
            // Another rank may have made it in between.
            guard error.errno == .fileExists, try status(of: path)?.kind == .directory else { throw error }
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

    public func setPermissions(_ permissions: Int, of path: FilePath) throws(FileError) {
        try systemCall("set the permissions of", path) {
            unsafe path.withPlatformString { unsafe chmod($0, mode_t(permissions)) }
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
        return FileStatus(kind: kind, byteCount: Int(status.size), modificationTime: time)
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
