/// What lies on a disk, in its caches and for good: a plain value, so that copies are snapshots.
///
/// Paths are texts here, as in `MemoryDisk` of `CheckpointsTestKit`. Folders have numbers, since they can be renamed.
struct DiskImage: Sendable {
    enum Node: Hashable, Sendable { case file(Int), folder(Int) }

    struct File: Sendable {
        /// What its writer has written. Files are only ever appended to, so all else is said by counts.
        var bytes: [UInt8] = []

        /// How many of them have left the host of the writer, and are seen by others.
        var flushedCount = 0

        /// How many of them are on stable storage.
        var stableCount = 0

        /// Those among them that the disk has lost and said nothing of.
        var lostRanges: [Range<Int>] = []

        var permissions: Int
        var modificationTime: Double

        /// Where it was made.
        var host: Int

        /// How many names lead to it.
        var nameCount = 0

        func count(seenBy viewer: Viewer) -> Int {
            switch viewer {
            case .host(let number): number == host ? bytes.count : flushedCount
            case .storage: flushedCount
            case .afterwards: stableCount
            }
        }

        func bytes(seenBy viewer: Viewer) -> [UInt8] {
            let count = count(seenBy: viewer)
            guard viewer == .afterwards else { return count == bytes.count ? bytes : Array(bytes.prefix(count)) }
            return stableBytes
        }

        private var stableBytes: [UInt8] {
            var stable = Array(bytes.prefix(stableCount))
            for range in lostRanges { stable.clear(range) }
            return stable
        }
    }

    struct Folder: Sendable {
        /// What readers see.
        var names: [String: Node] = [:]

        /// What is there after a power failure, whatever else is.
        var stableNames: [String: Node] = [:]
    }

    /// Whose eyes see the bytes of a file.
    enum Viewer: Equatable {
        /// Those of a host, which has what it writes in its memory.
        case host(Int)
        /// Those of a host that writes none.
        case storage
        /// Those of whoever comes after a power failure that has taken all it can.
        case afterwards
    }

    static let root = 0

    var folders: [Int: Folder] = [root: Folder()]
    var files: [Int: File] = [:]

    /// Changes of names that are not durable, in the order in which they were made.
    var pending: [NameChange] = []

    /// The files with bytes that are not on stable storage, whether anybody knows that or not.
    var dirtyFiles: Set<Int> = []

    private var nextNumber = 0
    private var sweptCount = 0

    mutating func addFile(permissions: Int, host: Int, at time: Double) -> Int {
        nextNumber += 1
        files[nextNumber] = File(permissions: permissions, modificationTime: time, host: host)
        return nextNumber
    }

    mutating func addFolder() -> Int {
        nextNumber += 1
        folders[nextNumber] = Folder()
        return nextNumber
    }

    func node(_ name: String, in folder: Int, afterwards: Bool = false) -> Node? {
        afterwards ? folders[folder]?.stableNames[name] : folders[folder]?.names[name]
    }

    // MARK: - Bytes

    mutating func append(_ bytes: [UInt8], to number: Int, isSeenByAll: Bool, at time: Double) {
        files[number]?.bytes += bytes
        files[number]?.modificationTime = time
        if isSeenByAll { flush(number) }
        dirtyFiles.insert(number)
    }

    /// Puts other bytes into a file in place of its own.
    mutating func replaceBytes(of number: Int, with bytes: [UInt8], at time: Double) {
        files[number]?.bytes = bytes
        files[number]?.flushedCount = bytes.count
        files[number]?.stableCount = 0
        files[number]?.lostRanges = []
        files[number]?.modificationTime = time
        dirtyFiles.insert(number)
    }

    mutating func flush(_ number: Int) {
        guard let count = files[number]?.bytes.count else { return }
        files[number]?.flushedCount = count
    }

    mutating func synchronize(_ number: Int) {
        guard let count = files[number]?.bytes.count else { return }
        files[number]?.flushedCount = count
        files[number]?.stableCount = count
        if files[number]?.lostRanges.isEmpty == true { dirtyFiles.remove(number) }
    }

    /// What Linux does whose disk refuses the bytes: it counts them as written, and the next `fsync` finds nothing to do.
    /// See "PostgreSQL's fsync() surprise", LWN, 2018.
    mutating func loseUnsynchronizedBytes(of number: Int) {
        guard let file = files[number], file.stableCount < file.bytes.count else { return }
        files[number]?.lostRanges.append(file.stableCount..<file.bytes.count)
    }

    // MARK: - What nothing leads to

    /// Whether there may be as much to forget as there is to keep.
    var isSweepDue: Bool { files.count + folders.count > 2 * sweptCount + 256 }

    /// Forgets files and folders that can never be seen again; `roots` are open.
    mutating func sweep(keeping roots: [Node]) {
        var found: Set<Node> = [.folder(Self.root)]
        var open = roots + [.folder(Self.root)]
        for change in pending { open += change.assignments.compactMap(\.node) }
        found.formUnion(open)
        while let node = open.popLast() {
            guard case .folder(let number) = node, let folder = folders[number] else { continue }
            for names in [folder.names, folder.stableNames] {
                for node in names.values where found.insert(node).inserted { open.append(node) }
            }
        }
        files = files.filter { found.contains(.file($0.key)) }
        folders = folders.filter { found.contains(.folder($0.key)) }
        dirtyFiles = dirtyFiles.filter { files[$0] != nil }
        sweptCount = files.count + folders.count
        countNames()
    }

    private mutating func countNames() {
        var counts: [Node: Int] = [:]
        for folder in folders.values { for node in folder.names.values { counts[node, default: 0] += 1 } }
        for number in files.keys { files[number]?.nameCount = counts[.file(number)] ?? 0 }
    }
}

extension [UInt8] {
    /// Puts zeros into those of a range that are there.
    mutating func clear(_ range: Range<Int>) {
        for index in range.clamped(to: 0..<count) { self[index] = 0 }
    }
}
