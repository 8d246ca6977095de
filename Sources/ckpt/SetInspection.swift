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
    init(_ directory: FilePath, progress: Progress) {
        sets = CheckpointDirectory(directory, fileSystem: WatchedFileSystem(progress))
    }

    /// Compares every byte with the checksums.
    func compareChecksums(of manifest: Manifest) -> SetState {
        state { () throws(CheckpointSetError) in
            try sets.verify(manifest)
            return .whole
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
