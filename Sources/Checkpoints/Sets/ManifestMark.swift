import Collectives
import Files
import SystemPackage

/// What tells a set's manifest from any other by its bytes alone: rank 0 reads what they say, and the other ranks see by it that
/// they have the same ones, at a hundredth of the cost.
struct ManifestMark: Equatable, Sendable {
    private let checksum: String

    fileprivate init(ofBytes bytes: [UInt8]) {
        checksum = unsafe Checksum.hexadecimal(Checksum.value(of: bytes.span.bytes))
    }

    /// That of a set as rank 0 sees it; all ranks of `world` together.
    ///
    /// Throws on all ranks if another set has its name by now, or none.
    init(of manifest: Manifest, in directory: CheckpointDirectory, over world: any Communicator) throws {
        let own = try world.together {
            world.rank == 0 ? try directory.mark(of: manifest) : nil
        }
        guard let mark = try Self(broadcasting: own, over: world) else {
            throw CheckpointSetError.replaced(name: manifest.name)
        }
        self = mark
    }

    /// That of rank 0, on all ranks; nil if it has none.
    init?(broadcasting own: ManifestMark?, over world: any Communicator) throws {
        checksum = try world.broadcast(own?.checksum ?? "", from: 0)
        if checksum.isEmpty { return nil }
    }
}

extension CheckpointDirectory {
    /// The mark of this very set; nil if it is not here any more.
    func mark(of manifest: Manifest) throws(CheckpointSetError) -> ManifestMark? {
        let found = try readManifestFile(path.appending(SetNames.manifest(of: manifest.name)))
        return found.flatMap { $0.manifest.id == manifest.id ? ManifestMark(ofBytes: $0.bytes) : nil }
    }

    /// The mark of whatever set has a name; nil if none has.
    func mark(ofSet name: String) throws(CheckpointSetError) -> ManifestMark? {
        do {
            let path = path.appending(SetNames.manifest(of: name))
            return ManifestMark(ofBytes: try fileSystem.contents(of: path, limit: Manifest.byteLimit))
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw .file(error)
        }
    }

    /// Whether the set of a name has this mark.
    func holds(_ mark: ManifestMark, ofSet name: String) -> Bool { (try? self.mark(ofSet: name)) == mark }

    /// Opens a file of a set, for which it waits while it is under none of its names, unless the set is gone.
    ///
    /// A name that was looked at may be gone when it is opened, and the other one not be seen yet, so each look is an opening.
    func open(
        _ file: ManifestFile, of manifest: Manifest, _ mark: ManifestMark, waiting patience: Duration,
        _ surroundings: any Surroundings
    ) throws(CheckpointSetError) -> any ReadableFile {
        let end = surroundings.now + patience
        while true {
            do {
                return try open(file, of: manifest)
            } catch {
                guard case .missing = error, surroundings.now < end, holds(mark, ofSet: manifest.name) else {
                    throw error
                }
            }
            surroundings.sleep(for: .milliseconds(50))
        }
    }
}
