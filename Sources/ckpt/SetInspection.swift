import Checkpoints
import Ciphers
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

    /// It was removed or replaced while it was being looked at, as by a run that goes on.
    case gone(String)

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
        case .unknown, .gone: .unknown
        }
    }

    /// What is wrong, as a sentence.
    var problem: String? {
        switch self {
        case .whole, .wholeBySize: nil
        case .damaged(let problem), .unknown(let problem), .gone(let problem): problem
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
        // Opening it finds out whether it is another set's by now.
        if found != file.byteCount { _ = try sets.openVerified(file, of: manifest) }
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
            return switch error {
            case .file(let problem): .unknown(problem.description)
            case .removed, .replaced: .gone(error.description)
            default: .damaged(error.description)
            }
        }
    }
}

extension CheckpointDirectory {
    /// Looks at all sets that are here: at those too that replace others meanwhile, and not at those that go.
    ///
    /// A run that goes on may replace all there are in between: then the new ones are looked at.
    func inspect<Result>(
        _ listing: Listing, _ look: (Manifest) -> (Result, SetState)
    ) throws -> (results: [Result], listing: Listing) {
        var listing = listing
        var states: [String: (Result, SetState)] = [:]
        for _ in 0..<Self.patience {
            var isWhole = true
            for manifest in listing.manifests where states[manifest.id] == nil {
                states[manifest.id] = look(manifest)
                if case .gone? = states[manifest.id]?.1 { isWhole = false }
            }
            if isWhole { break }
            listing = try list()
        }
        let results = listing.manifests.compactMap { manifest -> Result? in
            guard let (result, state) = states[manifest.id] else { return nil }
            if case .gone = state { return nil }
            return result
        }
        return (results, listing)
    }

    /// How often sets may go while they are looked at. More of them go only where a run saves faster than it can be read.
    private static var patience: Int { 100 }
}

extension Manifest {
    /// The size of all files together.
    var byteCount: Int { OutsideNumber.sum(files.map(\.byteCount)) }
}
