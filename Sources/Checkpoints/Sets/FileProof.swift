import Files
import SystemPackage

/// The comparison of a file with its manifest, as its bytes stream by: of its code if the key can make it, else of its
/// checksum.
struct FileProof: ~Copyable {
    private let file: ManifestFile
    private let code: FileCode?
    private var checksum = Checksum()

    init(_ file: ManifestFile, of manifest: Manifest, key: EncryptionKey?) {
        self.file = file
        code = file.code == nil ? nil : key.map { FileCode(key: $0, set: manifest.id, path: file.path) }
    }

    /// Adds the bytes that follow.
    mutating func update(_ bytes: RawSpan) {
        if let code { code.update(bytes) } else { checksum.update(bytes) }
    }

    /// Throws ``CheckpointSetError/wrongChecksum(path:found:expected:)`` unless these were the bytes of the file, which
    /// lies at `path`; called once, at the end.
    func check(_ path: FilePath) throws(CheckpointSetError) {
        let found = code?.finish() ?? checksum.hexadecimal
        let expected = code == nil ? file.xxh3 : file.code ?? ""
        guard found == expected else { throw .wrongChecksum(path: path, found: found, expected: expected) }
    }
}
