import Collectives
import Files

/// The files of a set that the ranks of a world need, opened by those that need them; each is verified by one of them
/// while it loads, and the others compare what they have read with what that one has.
struct SharedFiles {
    /// The files that this rank needs, by the rank that saved them.
    let opened: [Int: VerifyingFile]

    /// Those of them that this rank verifies.
    let verified: [Int: VerifyingFile]

    /// The set, on rank 0 with all its files and on the others with those that concern them.
    let manifest: Manifest

    private let directory: CheckpointDirectory
    private let world: any Communicator

    /// Opens the files of some ranks, which must have the right size; all ranks of `world` together, each naming its own. Of
    /// `manifest`, what rank 0 gives counts.
    ///
    /// Throws on all ranks if it throws on one.
    init(
        _ savers: Set<Int>, of manifest: Manifest, in directory: CheckpointDirectory, world: any Communicator,
        surroundings: any Surroundings
    ) throws {
        let (manifest, share) = try manifest.shared(savers, over: world)
        let mark = try ManifestMark(of: manifest, in: directory, over: world)
        let files = try world.together {
            // One rank alone waits too: others may have saved, on other hosts, or this one on another host.
            try Self.open(savers, of: manifest, in: directory, mark, surroundings)
        }
        opened = files
        verified = files.filter { share.contains($0.key) }
        self.manifest = manifest
        self.directory = directory
        self.world = world
    }

    /// From now on the files of this rank's share are read in order.
    func begin() {
        for file in verified.values { file.begin() }
    }

    /// Throws unless the files of this rank's share are what their manifest says.
    func verify() throws(CheckpointSetError) {
        for (_, file) in verified.sorted(by: { $0.key < $1.key }) { try file.verify() }
    }

    /// Throws on all ranks unless each has read the same of every file as the rank that verified it; nothing else can be read
    /// afterwards.
    func compare() throws {
        guard world.size > 1 else { return }
        let own = opened.filter { verified[$0.key] == nil }.mapValues { $0.seal() }
        let foreign = try FileReading.exchanged(own, verifying: Set(verified.keys), over: world)
        try world.together {
            for reading in foreign {
                guard let file = verified[reading.saver], !file.confirms(reading.reading) else { continue }
                throw FileError(
                    "read", file.path,
                    reason: "rank \(reading.rank) was given other bytes than rank \(world.rank): its storage answers "
                        + "differently")
            }
        }
    }

    /// Throws if a file that this rank needs is not what its manifest says.
    func verifyAll() throws(CheckpointSetError) {
        let files = try manifest.stateFiles(savedBy: Set(opened.keys))
        for (_, file) in files.sorted(by: { $0.key < $1.key }) { _ = try directory.openVerified(file, of: manifest) }
    }

    /// Waits for files that are not seen yet.
    private static func open(
        _ savers: Set<Int>, of manifest: Manifest, in directory: CheckpointDirectory, _ mark: ManifestMark,
        _ surroundings: any Surroundings
    ) throws(CheckpointSetError) -> [Int: VerifyingFile] {
        var files: [Int: VerifyingFile] = [:]
        for (saver, file) in try manifest.stateFiles(savedBy: savers).sorted(by: { $0.key < $1.key }) {
            let opened = try directory.open(
                file, of: manifest, mark, waiting: CheckpointRestorer.patience, surroundings)
            try directory.checkSize(of: opened, as: file)
            files[saver] = VerifyingFile(opened, as: file, of: manifest, key: directory.key)
        }
        // A newer set takes the name of the manifest before the names of files: if the manifest is still this one, so is
        // every file opened until now, whoever verifies it.
        guard try directory.mark(ofSet: manifest.name) == mark else { throw .replaced(name: manifest.name) }
        return files
    }
}
