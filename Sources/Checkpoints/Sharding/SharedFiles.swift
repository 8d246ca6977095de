import Collectives
import Files

/// The files of a set that the ranks of a world need, opened by those that need them; each is verified by one of them
/// while it loads.
struct SharedFiles {
    /// The files that this rank needs, by the rank that saved them.
    let opened: [Int: any ReadableFile]

    /// Those of them that this rank verifies.
    let verified: [VerifyingFile]

    /// Opens the files of some ranks, which must have the right size; all ranks of `world` together, each naming its own.
    ///
    /// Throws on all ranks if it throws on one.
    init(
        _ savers: Set<Int>, of manifest: Manifest, in directory: CheckpointDirectory, world: any Communicator
    ) throws {
        var files = try world.together { try Self.open(savers, of: manifest, in: directory) }
        let needs = try world.allGather(Self.encode(savers)).map(Self.decode)
        var verified: [VerifyingFile] = []
        for saver in Self.share(of: world.rank, in: needs) {
            guard let file = files[saver] else { continue }
            let verifying = VerifyingFile(
                file, as: try manifest.stateFile(savedBy: saver), of: manifest, key: directory.key)
            files[saver] = verifying
            verified.append(verifying)
        }
        opened = files
        self.verified = verified
    }

    /// Throws if a file that this rank needs is not what its manifest says.
    func verify(of manifest: Manifest, in directory: CheckpointDirectory) throws(CheckpointSetError) {
        for saver in opened.keys.sorted() {
            _ = try directory.openVerified(manifest.stateFile(savedBy: saver), of: manifest)
        }
    }

    private static func open(
        _ savers: Set<Int>, of manifest: Manifest, in directory: CheckpointDirectory
    ) throws(CheckpointSetError) -> [Int: any ReadableFile] {
        var files: [Int: any ReadableFile] = [:]
        for saver in savers.sorted() {
            let file = try manifest.stateFile(savedBy: saver)
            let opened = try directory.open(file, of: manifest)
            try directory.checkSize(of: opened, as: file)
            files[saver] = opened
        }
        // A newer set takes the name of the manifest before the names of files: if the manifest is still this one, so is
        // every file opened until now, whoever verifies it.
        guard try directory.manifest(named: manifest.name)?.id == manifest.id else {
            throw .replaced(name: manifest.name)
        }
        return files
    }

    /// The files that a rank verifies: each file goes to the rank that has the fewest of those that need it.
    private static func share(of rank: Int, in needs: [Set<Int>]) -> [Int] {
        var shares = [[Int]](repeating: [], count: needs.count)
        for saver in needs.reduce(into: Set<Int>(), { $0.formUnion($1) }).sorted() {
            let candidates = needs.indices.filter { needs[$0].contains(saver) }
            guard let verifier = candidates.min(by: { shares[$0].count < shares[$1].count }) else { continue }
            shares[verifier].append(saver)
        }
        return shares[rank]
    }

    private static func encode(_ savers: Set<Int>) -> [UInt8] {
        Array(savers.sorted().map(String.init).joined(separator: " ").utf8)
    }

    private static func decode(_ bytes: [UInt8]) -> Set<Int> {
        Set(String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { Int($0) })
    }
}
