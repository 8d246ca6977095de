import Collectives
import FoundationEssentials
import Records

extension Manifest {
    /// The manifest of rank 0, on all ranks.
    init(broadcasting own: Manifest, over world: any Communicator) throws {
        let bytes = try world.broadcast(world.rank == 0 ? own.json : [], from: 0)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .recordedTime
        self = try decoder.decode(Manifest.self, from: Data(bytes))
    }

    /// Turns what a check finds into the error of a publisher.
    func checkPublishable(_ check: () throws(ManifestProblem) -> Void) throws(CheckpointSetError) {
        do {
            try check()
        } catch {
            throw .unpublishable(name: name, reason: error.description)
        }
    }
}

extension ManifestFile {
    /// Files as bytes for the other ranks.
    static func encode(_ files: [ManifestFile]) throws -> [UInt8] {
        Array(try JSONEncoder().encode(files))
    }

    /// Files that another rank encoded.
    static func decode(_ bytes: [UInt8]) throws -> [ManifestFile] {
        try JSONDecoder().decode([ManifestFile].self, from: Data(bytes))
    }
}
