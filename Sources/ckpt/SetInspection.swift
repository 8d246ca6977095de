import Checkpoints
import Files
import SystemPackage

/// Whether a set is whole.
enum SetState {
    /// Every file has the checksum that the manifest says.
    case whole

    /// Every file is there with its size.
    case wholeBySize

    /// A file is missing, or not what it should be.
    case damaged(String)

    /// The system refused to let it be read.
    case unknown(String)

    /// The state as a word of JSON.
    enum Word: String, Encodable {
        case yes, bySize, no, unknown

        var text: String { self == .bySize ? "by size" : rawValue }
    }

    var word: Word {
        switch self {
        case .whole: .yes
        case .wholeBySize: .bySize
        case .damaged: .no
        case .unknown: .unknown
        }
    }

    /// What is wrong, as a sentence.
    var problem: String? {
        switch self {
        case .whole, .wholeBySize: nil
        case .damaged(let problem), .unknown(let problem): problem
        }
    }
}

/// Finds out whether sets in a directory are whole.
struct SetInspection {
    private let sets: CheckpointDirectory

    /// Begins with a directory; what is read counts as progress.
    init(_ directory: FilePath, progress: Progress, key: EncryptionKey? = nil) {
        sets = CheckpointDirectory(directory, fileSystem: WatchedFileSystem(progress), key: key)
    }

    /// Compares every byte with the checksums, or with a key, with the codes that it makes.
    func compareChecksums(of manifest: Manifest) -> SetState {
        state { () throws(CheckpointSetError) in
            if let problem = try proof(of: manifest) { return problem }
            try sets.verify(manifest)
            return .whole
        }
    }

    /// The same for one of its files.
    func compareChecksum(of file: ManifestFile, in manifest: Manifest) -> SetState {
        state { () throws(CheckpointSetError) in
            if let problem = try proof(of: manifest) { return problem }
            _ = try sets.openVerified(file, of: manifest)
            return .whole
        }
    }

    /// Whether codes are compared.
    var hasKey: Bool { sets.key != nil }

    /// What is wrong with the code of a manifest; nil if the key proves it, or there is none.
    private func proof(of manifest: Manifest) throws(CheckpointSetError) -> SetState? {
        guard let key = sets.key else { return nil }
        return switch try sets.authenticity(of: manifest, key: key) {
        case .proven: nil
        case .unmarked: .unknown("its manifest carries no code, so the key cannot prove it")
        case .wrong: .damaged("its manifest was changed since it was saved, or written with another key")
        }
    }

    /// Looks at the sizes of files only.
    func compareSizes(of manifest: Manifest) -> SetState {
        state { () throws(CheckpointSetError) in
            for file in manifest.files { try compareSize(of: file, manifest) }
            return .wholeBySize
        }
    }

    private func compareSize(of file: ManifestFile, _ manifest: Manifest) throws(CheckpointSetError) {
        let path = sets.finalPath(of: file)
        guard let found = try size(of: path) else {
            // Between publishing and renaming it lies under another name.
            _ = try sets.openVerified(file, of: manifest)
            return
        }
        guard found == file.byteCount else { throw .wrongSize(path: path, found: found, expected: file.byteCount) }
    }

    /// The size of a file; nil if it is not there.
    private func size(of path: FilePath) throws(CheckpointSetError) -> Int? {
        do {
            return try sets.fileSystem.status(of: path)?.byteCount
        } catch {
            throw .file(error)
        }
    }

    private func state(_ look: () throws(CheckpointSetError) -> SetState) -> SetState {
        do {
            return try look()
        } catch {
            guard case .file(let problem) = error else { return .damaged(error.description) }
            return .unknown(problem.description)
        }
    }
}

extension Manifest {
    /// The size of all files together.
    var byteCount: Int { files.map(\.byteCount).reduce(0, +) }
}
