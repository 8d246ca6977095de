/// A key and the mode to use it in: MindSpore's `enc_key` and `enc_mode`.
public struct Encryption: Sendable {
    /// The key.
    public let key: EncryptionKey

    /// The mode.
    public let mode: EncryptionMode

    /// Joins a key and a mode. Throws ``EncryptionError/keyLength(byteCount:allowed:)`` if they do not fit.
    public init(key: EncryptionKey, mode: EncryptionMode = .aesGCM) throws(EncryptionError) {
        guard mode.keyByteCounts.contains(key.byteCount) else {
            throw .keyLength(byteCount: key.byteCount, allowed: mode.keyByteCounts)
        }
        self.key = key
        self.mode = mode
    }
}
