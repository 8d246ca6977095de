public import Ciphers
public import Files
public import SystemPackage

/// A file that somebody names by itself: if a set has it, it is read as one of that set's, and must be what its manifest says.
///
///     let file = try NamedFile("out/rank_0/LeNet5_train.mindir", key: key)
///     let reader = try MindIRReader(file.path) { try DecryptedFile.opening(file.open($0), key: key) }
public struct NamedFile: Sendable {
    /// The path that it was given.
    public let path: FilePath

    /// The set that has it; nil if none does.
    public let member: SetMember?

    private let key: EncryptionKey?

    // A network may name thousands of files, and a set may have as many.
    private let files: [FilePath: ManifestFile]

    /// Looks for the set of a file.
    ///
    /// With a key, throws ``CheckpointSetError/notAuthentic(name:reason:)`` if the manifest was changed. One without a code is
    /// taken, for whoever names the file vouches for it.
    public init(_ path: FilePath, key: EncryptionKey?) throws(CheckpointSetError) {
        self.path = path
        self.key = key
        member = SetMember(of: path, key: key)
        files = Dictionary((member?.manifest.files ?? []).map { (FilePath($0.path), $0) }) { first, _ in first }
        guard let member else { return }
        let sets = CheckpointDirectory(member.directory, key: key)
        try sets.checkAuthenticity(of: member.manifest, acceptsUnmarked: true)
    }

    /// Opens it.
    ///
    /// Throws ``CheckpointSetError`` if a set has it and it is not what the manifest says.
    public func open(through fileSystem: any FileSystem = LocalFileSystem()) throws -> any ReadableFile {
        try open(path, through: fileSystem)
    }

    /// The same for a file below its folder, as one of the parameters of a network: one of the same set, if there is one.
    public func open(
        _ part: FilePath, through fileSystem: any FileSystem = LocalFileSystem()
    ) throws -> any ReadableFile {
        // What bytes were compared with, such as a CRC, is what is read.
        guard let member else { return VerifyingFile(steady: try fileSystem.open(part)) }
        let sets = CheckpointDirectory(member.directory, fileSystem: fileSystem, key: key)
        return try sets.openVerified(file(at: part, of: member), of: member.manifest)
    }

    private func file(at part: FilePath, of member: SetMember) throws(CheckpointSetError) -> ManifestFile {
        guard part != path else { return member.file }
        var location = part
        guard location.removePrefix(path.removingLastComponent()),
            let file = member.neighbour(at: location, among: files)
        else {
            throw .unreadable(name: member.manifest.name, reason: "it has no file \(part)")
        }
        return file
    }
}
