import Files
import SystemPackage

extension DiskState {
    /// What stands at a path as a host sees it; the root is a folder too.
    private mutating func node(at path: String, for host: Int, _ operation: FileOperation) throws(Errno) -> DiskImage
        .Node?
    {
        guard let place = try place(of: path, for: host) else { return .folder(DiskImage.root) }
        let node = image.node(place.name, in: place.folder)
        let seen = self.node(at: place, for: host)
        if seen != node { faults.note(DiskStrike(kind: .lateName, operation: operation)) }
        return seen
    }

    /// The file to read at a path. A name that leads to a deleted file is looked up again at the server (`ESTALE`).
    mutating func file(toReadAt path: String, for host: Int) throws(Errno) -> Int {
        var node = try node(at: path, for: host, .open)
        if case .file(let number) = node, image.files[number]?.nameCount ?? 0 == 0,
            let place = try place(of: path, for: host)
        {
            late.see(place, host)
            node = image.node(place.name, in: place.folder)
        }
        switch node {
        case .file(let number): return number
        case .folder: throw .invalidArgument
        case nil: throw .noSuchFileOrDirectory
        }
    }

    mutating func status(of path: String, for host: Int) -> FileStatus? {
        guard let node = try? node(at: path, for: host, .lookAt) else { return nil }
        switch node {
        case .folder: return FileStatus(kind: .directory, byteCount: 0, modificationTime: SimulatedDisk.epoch)
        case .file(let number):
            guard let file = image.files[number] else { return nil }
            return FileStatus(
                kind: .file, byteCount: file.count(seenBy: .host(host)), modificationTime: file.modificationTime)
        }
    }

    mutating func names(in path: String, for host: Int) throws(Errno) -> [String] {
        let number = try folder(at: path, for: host)
        let names = image.folders[number]?.names ?? [:]
        guard !late.isEmpty(at: time) else { return names.keys.sorted() }
        let seen = late.names(in: number, names, by: host, at: time)
        if seen != names { faults.note(DiskStrike(kind: .lateName, operation: .list)) }
        return seen.keys.sorted()
    }

    // MARK: - Locks

    /// What came of asking for a lock.
    enum LockAnswer: Sendable { case taken(Int), held(String) }

    /// A lock is the server's: no host sees it late.
    mutating func lock(_ path: String, by process: UInt64, on host: Int) throws(Errno) -> LockAnswer {
        guard let place = try place(of: path, for: host) else { throw .isDirectory }
        late.see(place, host)
        let file: Int
        switch image.node(place.name, in: place.folder) {
        case .folder: throw .isDirectory
        case .file(let number): file = number
        case nil:
            file = try create(path, permissions: 0o600, by: process, on: host)
            close(file, by: process)
        }
        guard let lock = locks[file] else {
            locks[file] = Lock(holder: process)
            return .taken(file)
        }
        let holder = processes[lock.holder].map { "process \($0.number) on host \($0.host)" } ?? "a process"
        return .held(lock.note ?? holder)
    }

    mutating func note(_ line: String, in file: Int) {
        locks[file]?.note = line
        image.replaceBytes(of: file, with: Array("\(line)\n".utf8), at: writingTime())
        hasChanged = true
    }

    mutating func giveBackLock(_ file: Int, of process: UInt64) {
        guard locks[file]?.holder == process else { return }
        locks[file] = nil
    }
}
