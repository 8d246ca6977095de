package import Ciphers
package import Files

/// A file of a set being written: what a manifest says of it is computed as its bytes pass.
package final class RecordedFile {
    private let file: ChecksummingFile
    private let path: String
    private let code: CodeBesideWriting?

    /// Begins with a file to which nothing has been written. `path` is the one below the directory of the set; with a
    /// key, the file is authenticated as one of the set `id`.
    package init(_ file: any WritableFile, at path: String, of id: String, key: EncryptionKey?) {
        let code = key.map { CodeBesideWriting(FileCode(key: $0, set: id, path: path)) }
        self.code = code
        self.file = ChecksummingFile(file) { code?.code.update($0) }
        self.path = path
    }

    /// What the manifest says of the file; nothing can be written afterwards.
    package func record(rank: Int, role: CheckpointFile.Role) -> ManifestFile {
        ManifestFile(
            path: path, rank: rank, role: role, byteCount: file.byteCount,
            xxh3: Checksum.hexadecimal(file.checksumValue), code: code?.code.finish())
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension RecordedFile: WritableFile {
    package func write(_ bytes: RawSpan) throws(FileError) { try file.write(bytes) }
    package var canBeWrittenBehind: Bool { file.canBeWrittenBehind }
    package func synchronize() throws(FileError) { try file.synchronize() }
    package func close() throws(FileError) { try file.close() }
}

/// A code that is computed on another thread.
private final class CodeBesideWriting: @unchecked Sendable {
    // Unchecked: the thread that writes has waited for the other one whenever it is here.
    var code: FileCode

    init(_ code: consuming FileCode) {
        self.code = code
    }
}
