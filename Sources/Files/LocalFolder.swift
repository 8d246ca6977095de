import Glibc
import SystemPackage

/// `O_PATH` of Linux on all processors that Swift is for: a place in the tree, which needs no right to read it.
private let pathOnly: Int32 = 0o10_000_000

/// A directory of this machine held open, so that a name in it is that of the same file whatever others do to the path that
/// led there.
struct LocalFolder: ~Copyable {
    private let descriptor: FileDescriptor
    private let name: FilePath
    private let operation: String
    private let path: FilePath

    /// Opens the directory in which `path` lies, for an `operation` on what has its name there. Below `root` it is reached
    /// step by step, and no step may be a symbolic link.
    init(of path: FilePath, below root: FilePath?, for operation: String) throws(FileError) {
        guard let last = path.lastComponent, last.kind == .regular else {
            throw FileError(operation, path, reason: "it has no name that a file can have", errno: .invalidArgument)
        }
        let steps = path.steps(below: root)
        let start = steps == nil ? path.removingLastComponent() : root ?? ""
        var folder = try Self.open(start.isEmpty ? "." : start, for: operation, on: path)
        var place = start
        for step in (steps ?? []).dropLast() {
            place.append(step)
            let upper = folder
            defer { try? upper.close() }
            folder = try Self.open(step, at: place, in: upper, for: operation, on: path)
        }
        descriptor = folder
        name = FilePath(root: nil, [last])
        (self.operation, self.path) = (operation, path)
    }

    deinit {
        try? descriptor.close()
    }

    /// Calls the system with the directory and the name.
    @discardableResult
    func call(_ body: (_ folder: Int32, _ name: UnsafePointer<CChar>) -> Int32) throws(FileError) -> Int32 {
        let (folder, name) = (descriptor.rawValue, name)
        return try systemCall(operation, path) { unsafe name.withPlatformString { unsafe body(folder, $0) } }
    }

    /// Moves what stands at the name to that of another one, which it replaces.
    func rename(to target: borrowing LocalFolder) throws(FileError) {
        let (folder, name) = (target.descriptor.rawValue, target.name)
        try unsafe call { old, oldName in unsafe name.withPlatformString { unsafe renameat(old, oldName, folder, $0) } }
    }

    /// What stands at the name: a type as in `st_mode`; nil if nothing does. A link is a link.
    func kind() throws(FileError) -> mode_t? {
        var status = stat()
        do {
            try unsafe call { unsafe fstatat($0, $1, &status, AT_SYMLINK_NOFOLLOW) }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
        return status.st_mode & S_IFMT
    }

    /// Why nothing is changed below a place where a directory should be.
    static func reason(against place: FilePath) -> String {
        "\(place) is no directory of its own, and nothing is made, moved or deleted through a link there"
    }

    private static func open(
        _ start: FilePath, for operation: String, on path: FilePath
    ) throws(FileError) -> FileDescriptor {
        let options = FileDescriptor.OpenOptions(rawValue: pathOnly | O_DIRECTORY | O_CLOEXEC)
        return try attempt(operation, path) {
            try .open(start, .readOnly, options: options)
        }
    }

    private static func open(
        _ step: FilePath.Component, at place: FilePath, in folder: FileDescriptor, for operation: String,
        on path: FilePath
    ) throws(FileError) -> FileDescriptor {
        guard step.kind == .regular else {
            throw FileError(operation, path, reason: "\(step) leads out of its directory", errno: .invalidArgument)
        }
        let name = FilePath(root: nil, [step])
        do {
            let number = try systemCall(operation, path) {
                unsafe name.withPlatformString {
                    unsafe openat(folder.rawValue, $0, pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                }
            }
            return FileDescriptor(rawValue: number)
        } catch {
            guard error.errno == .notDirectory || error.errno == .tooManySymbolicLinkLevels else { throw error }
            throw FileError(operation, path, reason: reason(against: place), errno: .notDirectory)
        }
    }
}

extension FilePath {
    /// The components from a root on; nil if the path is not below it.
    func steps(below root: FilePath?) -> [Component]? {
        var rest = self
        guard let root, rest.removePrefix(root), !rest.isEmpty else { return nil }
        return Array(rest.components)
    }
}
