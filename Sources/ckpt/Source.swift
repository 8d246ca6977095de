import Checkpoints
import Ciphers
import Files
import SystemPackage

/// A checkpoint open for reading, whole tensors in whatever files they lie, and what these files are.
struct Source {
    /// What is in it.
    let reader: any CheckpointReader

    /// How the files are encrypted; nil if they are not.
    let mode: EncryptionMode?

    /// The size of the files as they lie on the disk.
    let byteCount: Int

    /// Whether the bytes were compared with the checksums of a manifest.
    private let isVerified: Bool

    /// Opens a file, or a set, which is verified first. What is encrypted needs the key.
    ///
    /// Work on it shows as progress under `verb`; so many `passes` go over its bytes.
    init(_ subject: Subject, key: EncryptionKey?, verb: String, passes: Int = 1) throws {
        switch subject {
        case .directory(let path):
            throw Refusal("\(path) is a directory; name a checkpoint file or the manifest of a set in it")
        case .file(let path):
            guard !path.isNetwork else { throw Refusal("\(path) is a network; name a checkpoint") }
            let file = try NamedFile(path, key: key)
            let opened = try file.open(through: file.watched(verb, passes: passes))
            try self.init([0: opened], key: key, isVerified: file.member != nil) { $0[0] }
        case .set(let manifest, let directory):
            try self.init(manifest, in: directory, key: key, verb: verb, passes: passes)
        }
    }

    /// Opens the files of ranks that a strategy says how to put together.
    init(
        _ folders: RankFolders, in directory: FilePath, strategy: StrategyFile?, key: EncryptionKey?, verb: String,
        passes: Int
    ) throws {
        let files = try folders.files.mapValues { try LocalFileSystem().open($0) }
        let progress = Progress(verb, total: passes * files.values.map(\.byteCount).reduce(0, +))
        try self.init(files.mapValues { Self.steady($0, progress) }, key: key) { readers in
            if let problem = strategy?.problem(of: readers) { throw StrategyMismatch(problem: problem) }
            let merged = try MergedReader(readers, strategy: strategy ?? StrategyFile(), path: directory)
            try merged.checkStrategy()
            return merged
        }
    }

    /// What a CRC is compared with is what is read.
    private static func steady(_ file: any ReadableFile, _ progress: Progress) -> any ReadableFile {
        VerifyingFile(steady: WatchedFile(file, progress))
    }

    private init(
        _ manifest: Manifest, in directory: FilePath, key: EncryptionKey?, verb: String, passes: Int
    ) throws {
        try manifest.checkProven(in: directory, by: key)
        let needed = try manifest.neededFiles
        // Once more, for the checksums.
        let progress = Progress(verb, total: (1 + passes) * needed.map(\.byteCount).reduce(0, +))
        let sets = CheckpointDirectory(directory, fileSystem: WatchedFileSystem(progress), key: key)
        var files: [Int: any ReadableFile] = [:]
        for file in needed { files[file.rank] = try sets.openVerified(file, of: manifest) }
        try self.init(files, key: key, isVerified: true) { readers in
            switch manifest.checkpoint.kind {
            case .replicated, .integrated: readers.values.first
            case .sharded, .deduplicated:
                try MergedReader(readers, strategy: manifest.strategy, path: directory.appending(manifest.name))
            }
        }
    }

    private init(
        _ files: [Int: any ReadableFile], key: EncryptionKey?, isVerified: Bool = false,
        _ join: ([Int: any CheckpointReader]) throws -> (any CheckpointReader)?
    ) throws {
        let modes = try files.mapValues { try EncryptionMode.mode(of: $0) }
        var readers: [Int: any CheckpointReader] = [:]
        for (rank, file) in files {
            let mode = modes[rank] ?? nil
            guard mode == nil || key != nil else { throw KeyMissing(path: file.path, mode: mode) }
            // The key is for those files that need one.
            readers[rank] = try CheckpointFormats.open(file, key: mode == nil ? nil : key)
        }
        guard let reader = try join(readers) else { fatalError("a checkpoint without files was opened") }
        self.reader = reader
        mode = modes.values.compactMap { $0 }.first
        byteCount = files.values.map(\.byteCount).reduce(0, +)
        self.isVerified = isVerified
    }

    /// Throws if a file carries a CRC that is not that of its bytes: whoever writes them anew would make it right.
    func checkCRC() throws {
        if !isVerified { _ = try reader.verify() }
    }

    /// The name of the format.
    var format: String { reader is SafetensorsReader ? "safetensors" : reader is MergedReader ? "slices" : "ckpt" }

    /// Whether the file carries a CRC.
    var hasCRC: Bool {
        (reader as? CkptReader)?.hasCRC ?? ((reader as? SafetensorsReader)?.metadata["crc_num"] != nil)
    }
}

/// An encrypted file, and nobody named its key.
struct KeyMissing: Error, CustomStringConvertible {
    let path: FilePath
    let mode: EncryptionMode?

    var description: String {
        "\(path) is encrypted\(mode.map { " (\($0.rawValue))" } ?? ""); name its key with --key-file or --key-env"
    }
}
