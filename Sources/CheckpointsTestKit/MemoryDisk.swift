import Files
import SystemPackage

/// What a disk holds now, and what it would hold after a power failure: a plain value, so that copies are snapshots.
struct MemoryDisk {
    struct File {
        /// What readers see.
        var bytes: [UInt8] = []

        /// What was there at the last `synchronize`.
        var stableBytes: [UInt8] = []
        var permissions = 0o644
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
    private(set) var folders: [FilePath: Folder] = ["/": Folder()]
    private var nextNumber = 0

    // A clock of its own: times that differ at every change, the same in every run.
    private var time = 0.0

    /// What stands at a path; nil if nothing does.
    func node(at path: FilePath) -> Node? {
        guard let name = path.lastComponent?.string else { return .directory }
        return folders[path.removingLastComponent()]?.names[name]
    }

    func file(at path: FilePath) -> File? {
        guard case .file(let number)? = node(at: path) else { return nil }
        return files[number]
    }

    /// Makes a new empty file and returns its number.
    mutating func addFile(at path: FilePath) -> Int {
        nextNumber += 1
        files[nextNumber] = File()
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

    mutating func addFolder(at path: FilePath) {
        set(.directory, at: path)
        folders[path] = Folder()
    }

    mutating func set(_ node: Node?, at path: FilePath) {
        guard let name = path.lastComponent?.string else { return }
        folders[path.removingLastComponent()]?.names[name] = node
    }

    mutating func makeNamesStable(in folder: FilePath) {
        guard let names = folders[folder]?.names else { return }
        folders[folder]?.stableNames = names
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
        for path in folders.keys.sorted(by: { $0.components.count < $1.components.count }) {
            if disk.node(at: path) != .directory { disk.folders[path] = nil }
        }
        return disk
    }
}
