public import Ciphers
public import Files
import SystemPackage

extension CheckpointFormats {
    /// Opens a file of any format, encrypted or not; its name says the format, its first bytes whether it is encrypted.
    ///
    /// Files under the pending names of the publish protocol are recognized too. Throws ``FormatError``, among others if the file
    /// is encrypted and there is no key, or, unless `acceptsPlain`, the other way round.
    public static func open(
        _ file: any ReadableFile, key: EncryptionKey? = nil, acceptsPlain: Bool = false
    ) throws(FormatError) -> any CheckpointReader {
        let format = format(of: file.path)
        let mode = try EncryptionMode.mode(of: file)
        let isEncrypted = mode != nil && format.fileExtension == "ckpt"
        guard let key, isEncrypted || !acceptsPlain else {
            guard !isEncrypted else { throw .encryption(path: file.path, .keyMissing) }
            return try format.reader(of: file)
        }
        return try format.reader(of: DecryptedFile(file, key: key))
    }

    /// The format that a file name tells; `.ckpt` if it tells none.
    private static func format(of path: FilePath) -> any CheckpointFormat {
        let parts = (path.lastComponent?.string ?? "").split(separator: ".")
        return parts.reversed().lazy.compactMap { named(String($0)) }.first ?? CkptFormat()
    }
}
