/// What a disk holds now, and what it would hold after a power failure: a plain value, so that copies are snapshots.
///
/// Paths are texts here, not `FilePath`s: those take microseconds for each of their operations in a debug build, and a
/// sweep over all faults makes millions.
struct MemoryDisk {
    struct File {
        /// What readers see.
        var bytes: [UInt8] = []

        /// What was there at the last `synchronize`.
        var stableBytes: [UInt8] = []
        var permissions: Int
        var modificationTime = 0.0
    }

    enum Node: Equatable {
        case file(Int)
        case directory
    }

    struct Folder {
        /// What readers see.
        var names: [String: Node] = [:]

        /// What was there at the last `synchronizeDirectory`.
        var stableNames: [String: Node] = [:]
    }

    private(set) var files: [Int: File] = [:]
    private(set) var folders: [String: Folder] = ["": Folder()]
    private var nextNumber = 0

    // A clock of its own: times that differ at every change, the same in every run.
    private var time = 0.0

    /// Splits a path into its directory, "" for the root, and its name.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    /// The directory at a path; nil if there is none.
    func folder(at path: String) -> Folder? { folders[path == "/" ? "" : path] }

    /// What stands at a path; nil if nothing does.
    func node(at path: String) -> Node? {
        let (folder, name) = Self.split(path)
        return name.isEmpty ? .directory : folders[folder]?.names[name]
    }

    func file(at path: String) -> File? {
        guard case .file(let number)? = node(at: path) else { return nil }
        return files[number]
    }

    /// Makes a new empty file and returns its number.
    mutating func addFile(at path: String, permissions: Int) -> Int {
        nextNumber += 1
        files[nextNumber] = File(permissions: permissions)
        set(.file(nextNumber), at: path)
        change(nextNumber) { _ in }
        return nextNumber
    }

    mutating func change(_ number: Int, _ body: (inout File) -> Void) {
        guard var file = files[number] else { return }
        body(&file)
        time += 1
        file.modificationTime = time
        files[number] = file
    }

    mutating func addFolder(at path: String) {
        set(.directory, at: path)
        folders[path] = Folder()
    }

    mutating func removeFolder(at path: String) {
        set(nil, at: path)
        folders[path] = nil
    }

    mutating func set(_ node: Node?, at path: String) {
        let (folder, name) = Self.split(path)
        folders[folder]?.names[name] = node
    }

    mutating func makeNamesStable(in path: String) {
        guard let names = folder(at: path)?.names else { return }
        folders[path == "/" ? "" : path]?.stableNames = names
    }

    /// The disk after power failed: every directory has its names as of now or as of its last synchronization, every
    /// file its bytes as of now or as of its last synchronization.
    func afterPowerFailure(_ loss: MemoryFileSystem.Loss) -> MemoryDisk {
        var disk = self
        for (path, folder) in folders {
            let names = loss.keepsNames(path) ? folder.names : folder.stableNames
            disk.folders[path] = Folder(names: names, stableNames: names)
        }
        for (number, file) in files where !loss.keepsBytes {
            disk.files[number]?.bytes = file.stableBytes
        }
        // A directory whose own name is lost cannot be reached any more.
        for path in folders.keys.sorted(by: { $0.utf8.count < $1.utf8.count }) {
            if disk.node(at: path) != .directory { disk.folders[path] = nil }
        }
        return disk
    }
}
