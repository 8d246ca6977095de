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

    /// The manifest with the files of all ranks on rank 0, which alone names them to others, and with their own on the others.
    ///
    /// Throws on all ranks if the files of all cannot be a set.
    init(gathering own: [ManifestFile], of header: Manifest, over world: any Communicator) throws {
        let all = try world.gather(ManifestFile.encode(own), to: 0)
        var manifest = header.with(own)
        var problem = ""
        if world.rank == 0 {
            do {
                manifest = header.with(try all.flatMap(ManifestFile.decode))
                try manifest.checkFiles()
            } catch {
                problem = "\(error)"
            }
        }
        problem = try world.broadcast(problem, from: 0)
        guard problem.isEmpty else { throw CheckpointSetError.unpublishable(name: manifest.name, reason: problem) }
        self = manifest
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
