import Glibc
public import SystemPackage

/// A file without a name, for what is too large for memory: the disk has it back when the last process that has it open
/// ends, however that ends.
///
/// Other processes of the same user that see this one's number open it by ``path`` for as long as this value lives.
public final class TemporaryFile: Sendable {
    /// The directory that it lies in.
    public let directory: FilePath

    private let descriptor: FileDescriptor

    /// The system's directory for temporary files: what `TMPDIR` says, else /tmp.
    public static var directory: FilePath {
        let named = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
        return named.isEmpty ? "/tmp" : FilePath(named)
    }

    /// Makes an empty file that only this user may read.
    public init(in directory: FilePath = TemporaryFile.directory) throws(FileError) {
        self.directory = directory
        let path = LocalFileSystem().unguessablePath(beside: directory.appending("lockstep"), "tmp")
        descriptor = try attempt("create a temporary file in", directory) {
            try .open(
                path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        }
        do {
            try LocalFileSystem().remove(path)
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    deinit {
        try? descriptor.close()
    }

    /// What other processes open it by.
    public var path: FilePath { FilePath("/proc/\(getpid())/fd/\(descriptor.rawValue)") }

    /// Appends bytes, all of them.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        try attempt("write a temporary file in", directory) { _ = try descriptor.writeAll(bytes) }
    }

    /// Opens what was written so far; messages call it `name`.
    public func open(named name: FilePath) throws(FileError) -> any ReadableFile {
        let copy = try attempt("open", name) { try descriptor.duplicate() }
        return try LocalReadableFile(copy, named: name)
    }

    /// Opens the file that another process made, by its ``path`` there; messages call it `name`.
    public static func open(_ path: FilePath, named name: FilePath) throws(FileError) -> any ReadableFile {
        try LocalReadableFile(path, named: name)
    }
}
