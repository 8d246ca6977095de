import Checkpoints
import Ciphers
import Files
import Memory
import SystemPackage

/// Writing a set anew into a directory of its own, encrypted otherwise.
///
/// The manifest is made anew too: with a key it carries a code again, without one it carries none.
struct SetRecoding {
    /// What becomes of the files.
    enum Change {
        case encrypt(Encryption)
        case decrypt(EncryptionKey)
        /// The mode is the old one if none is given.
        case rekey(EncryptionKey, new: EncryptionKey, EncryptionMode?)

        fileprivate var oldKey: EncryptionKey? {
            switch self {
            case .encrypt: nil
            case .decrypt(let key), .rekey(let key, _, _): key
            }
        }

        fileprivate var newKey: EncryptionKey? {
            switch self {
            case .encrypt(let encryption): encryption.key
            case .decrypt: nil
            case .rekey(_, let key, _): key
            }
        }
    }

    private let manifest: Manifest
    private let source: CheckpointDirectory
    private let change: Change

    /// Throws if the old key does not fit the set.
    init(_ manifest: Manifest, in directory: FilePath, _ change: Change, verb: String) throws {
        try manifest.checkProven(in: directory, by: change.oldKey)
        // Once for the checksum, once to be written.
        let files = WatchedFileSystem(Progress(verb, total: 2 * manifest.byteCount))
        source = CheckpointDirectory(directory, fileSystem: files, key: change.oldKey)
        self.manifest = manifest
        self.change = change
    }

    /// Writes the set into a directory that does not exist yet.
    func write(to path: FilePath) throws {
        let output = OutputDirectory(path)
        try output.check()
        let header = manifest.resaved(in: .system)
        var records: [ManifestFile] = []
        let paths = manifest.files.map { FilePath($0.path) } + [FilePath(SetNames.manifest(of: manifest.name))]
        try output.write(paths) { index, target in
            guard index < manifest.files.count else {
                return try target.write(header.with(records).json(authenticatedBy: change.newKey).span)
            }
            let file = manifest.files[index]
            let recorded = RecordedFile(target, at: file.path, of: header.id, key: change.newKey)
            try write(file, to: recorded, path: path)
            records.append(recorded.record(rank: file.rank, role: file.role))
        }
    }

    private func write(_ file: ManifestFile, to target: any WritableFile, path: FilePath) throws {
        let opened = try source.openVerified(file, of: manifest)
        // The strategy is read before any key is known, and is never encrypted.
        guard file.path != SavePlan.strategyPath(of: manifest.name) else {
            return try opened.forEachPiece { try target.write($0.span) }
        }
        let isNetwork = file.role == .network
        guard isNetwork || FilePath(file.path).extension == "ckpt" else {
            throw Refusal("\(file.path) of checkpoint \(manifest.name) cannot be encrypted; only .ckpt files can be")
        }
        let input = EncryptionInput(opened, isNetwork: isNetwork)
        switch change {
        case .encrypt(let encryption): try input.plain().copy(to: target, encryption, path: path)
        case .decrypt(let key): try input.decrypted(key: key).file.forEachPiece { try target.write($0.span) }
        case .rekey(let key, let new, let mode):
            let (plain, oldMode) = try input.decrypted(key: key)
            try plain.copy(to: target, Encryption(key: new, mode: mode ?? oldMode), path: path)
        }
    }
}

extension Manifest {
    /// Throws if a key says that the manifest was changed. One without a code is taken: whoever named it vouches for it.
    func checkProven(in directory: FilePath, by key: EncryptionKey?) throws {
        guard let key, try CheckpointDirectory(directory).authenticity(of: self, key: key) == .wrong else { return }
        throw Refusal("the manifest of checkpoint \(name) was changed since it was saved, or written with another key")
    }
}
