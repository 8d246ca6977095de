import Checkpoints
import Files
import SystemPackage

/// A checkpoint open for reading, and what its file is.
struct Source {
    /// What is in it.
    let reader: any CheckpointReader

    /// How the file is encrypted; nil if it is not.
    let mode: EncryptionMode?

    /// The size of the file as it lies on the disk.
    let byteCount: Int

    /// Opens a file, or the file of a set that holds everything. An encrypted one needs the key.
    ///
    /// Work on it shows as progress under `verb`; so many `passes` go over its bytes.
    init(_ subject: Subject, key: EncryptionKey?, verb: String, passes: Int = 1) throws {
        switch subject {
        case .directory(let path):
            throw Refusal("\(path) is a directory; name a checkpoint file or the manifest of a set in it")
        case .file(let path):
            let file = try LocalFileSystem().open(path)
            let progress = Progress(verb, total: passes * file.byteCount)
            try self.init(WatchedFile(file, progress), key: key)
        case .set(let manifest, let directory):
            let file = try manifest.stateFile(for: 0)
            // Once more, for its checksum.
            let progress = Progress(verb, total: (1 + passes) * file.byteCount)
            let sets = CheckpointDirectory(directory, fileSystem: WatchedFileSystem(progress))
            try self.init(sets.openVerified(file, of: manifest), key: key)
        }
    }

    private init(_ file: any ReadableFile, key: EncryptionKey?) throws {
        mode = try EncryptionMode.mode(of: file)
        guard mode == nil || key != nil else { throw KeyMissing(path: file.path, mode: mode) }
        // The key is for those files that need one.
        reader = try CheckpointFormats.open(file, key: mode == nil ? nil : key)
        byteCount = file.byteCount
    }

    /// The name of the format.
    var format: String { reader is SafetensorsReader ? "safetensors" : "ckpt" }

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
