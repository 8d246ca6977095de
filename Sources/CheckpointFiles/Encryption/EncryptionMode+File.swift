public import Ciphers
public import Files
import Wire

extension EncryptionMode {
    /// How a file is encrypted, by its first bytes; nil if it is not.
    public static func mode(of file: any ReadableFile) throws(FormatError) -> EncryptionMode? {
        guard file.byteCount >= 4 else { return nil }
        return EncryptionMode(magic: try FormatScanner(file).bytes(in: 0..<4)[...])
    }
}
