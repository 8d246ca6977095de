import Ciphers
import Files
import SystemPackage

/// The comparison of a file with its manifest: of its code if the key can make it, else of its checksum.
struct FileProof: ~Copyable {
    private enum Means {
        /// Nothing is known of the file.
        case none
        case checksum(String)
        case code(String, EncryptionKey)
        case oldCode(String, OldFileCode)
    }

    private let means: Means
    private let id: String
    private let path: String
    private var checksum = Checksum()

    init(_ file: ManifestFile, of manifest: Manifest, key: EncryptionKey?) {
        id = manifest.id
        path = file.path
        means =
            switch (key, file.code) {
            case (let key?, let code?) where file.hasOldCode:
                .oldCode(code, OldFileCode(key: key, set: id, path: path))
            case (let key?, let code?): .code(code, key)
            default: .checksum(file.xxh3)
            }
    }

    /// The comparison with nothing.
    init() {
        means = .none
        id = ""
        path = ""
    }

    /// Whether all bytes have to be added, in order. If not, the digests of the pieces are enough.
    var needsBytes: Bool {
        switch means {
        case .none, .code: false
        case .checksum, .oldCode: true
        }
    }

    /// Adds the bytes that follow.
    mutating func update(_ bytes: RawSpan) {
        switch means {
        case .none, .code: break
        case .checksum: checksum.update(bytes)
        case .oldCode(_, let code): code.update(bytes)
        }
    }

    /// Throws unless these were the bytes of the file, which lies at `location`; called once, at the end.
    func check(
        _ location: FilePath, digests: [PieceDigest], byteCount: Int
    ) throws(CheckpointSetError) {
        switch means {
        case .none: break
        case .checksum(let expected):
            let found = checksum.hexadecimal
            guard found == expected else { throw .wrongChecksum(path: location, found: found, expected: expected) }
        case .code(let code, let key):
            guard FileCode.isRight(code, of: digests, byteCount: byteCount, key: key, set: id, path: path) else {
                throw .wrongCode(path: location)
            }
        case .oldCode(let expected, let code):
            guard code.isRight(expected) else { throw .wrongCode(path: location) }
        }
    }
}
