package import Files
public import FoundationEssentials

/// What makes files a set: their names, sizes and checksums, and the state of the run that saved them.
///
/// A set exists for readers from the moment its manifest has its name, `<set name>.manifest.json`. It is JSON; fields
/// that this version does not know are passed over.
public struct Manifest: Codable, Equatable, Sendable {
    /// The version of the format that this code writes and reads.
    public static let currentVersion = 1

    /// The program and version that writes sets.
    public static let writer = "Lockstep \(LockstepVersion.current)"

    /// The version of the format.
    public let formatVersion: Int

    /// What tells this set from others of its name: a part of the names of files not yet renamed.
    public let id: String

    /// When it was saved, in whole seconds.
    public let created: Date

    /// The program and version that saved it.
    public let savedBy: String

    /// The number of ranks that saved it.
    public let worldSize: Int

    /// Where it stands in its run; nil for sets of versions that did not record it.
    public let lineage: Lineage?

    /// What was saved.
    public let checkpoint: CheckpointSet

    /// All files, in the order of ranks.
    public private(set) var files: [ManifestFile]

    /// Describes a set that this version saves now.
    init(
        _ set: CheckpointSet, id: String, created: Date, worldSize: Int, lineage: Lineage? = nil,
        files: [ManifestFile] = []
    ) {
        formatVersion = Self.currentVersion
        self.id = id
        self.created = created
        savedBy = Self.writer
        self.worldSize = worldSize
        self.lineage = lineage
        self.checkpoint = set
        self.files = files
    }

    /// The set's name.
    public var name: String { checkpoint.name }

    /// The same set saved anew, with an id of its own and without files yet.
    package func resaved(in surroundings: any Surroundings) -> Manifest {
        Manifest(
            checkpoint, id: Self.newID(step: checkpoint.progress.step, in: surroundings), created: created,
            worldSize: worldSize,
            lineage: lineage)
    }

    /// An id that no other set has.
    static func newID(step: Int, in surroundings: any Surroundings) -> String {
        "\(step)-\(surroundings.unguessableName())"
    }

    /// The same set with these files.
    package func with(_ files: [ManifestFile]) -> Manifest {
        var copy = self
        copy.files = files
        return copy
    }

    /// The file from which rank `rank` of a world of any size carries on.
    ///
    /// Throws ``CheckpointSetError/unreadable(name:reason:)`` if the set cannot be read file by file.
    public func stateFile(for rank: Int) throws(CheckpointSetError) -> ManifestFile {
        let saver = try saver(for: rank)
        let found = try stateFiles(savedBy: [saver])
        guard let file = found[saver] else { fatalError("the file of rank \(saver) was not looked for") }
        return file
    }

    /// The rank that saved what rank `rank` of a world of any size carries on from.
    func saver(for rank: Int) throws(CheckpointSetError) -> Int {
        switch checkpoint.kind {
        case .replicated, .integrated: home(of: rank)
        case .sharded, .deduplicated:
            throw .unreadable(name: name, reason: "no file of a \(checkpoint.kind.rawValue) set holds everything")
        }
    }

    /// The files with the state that some ranks saved, all found in one pass.
    func stateFiles(savedBy ranks: Set<Int>) throws(CheckpointSetError) -> [Int: ManifestFile] {
        var found: [Int: ManifestFile] = [:]
        for file in files where file.role == .state && ranks.contains(file.rank) && found[file.rank] == nil {
            found[file.rank] = file
        }
        if let missing = ranks.subtracting(found.keys).min() {
            throw .unreadable(name: name, reason: "it has no state of rank \(missing)")
        }
        return found
    }
}

/// A file of a set.
public struct ManifestFile: Codable, Equatable, Sendable {
    /// The path below the directory of the set, such as "rank_0/LeNet5_train.ckpt".
    public let path: String

    /// The rank that wrote it.
    public let rank: Int

    /// What it is for.
    public let role: CheckpointFile.Role

    /// Its size in bytes.
    public let byteCount: Int

    /// The XXH3-64 of its bytes: 16 hexadecimal digits, as `xxhsum -H3` prints them.
    public let xxh3: String

    /// What proves its bytes to those who have the key: 64 hexadecimal digits, 32 in sets of earlier versions; nil if it was
    /// saved without one.
    public let code: String?

    /// Whether its code is of the old kind, which can be forged by anybody who has seen two of them.
    var hasOldCode: Bool { code?.utf8.count == 32 }
}
