import COpenSSL
import Memory

/// The code that proves which bytes a file of a set has: GMAC with AES-256 (NIST SP 800-38D), computed as they stream by.
///
/// XXH3, which every manifest holds, finds accidents, but whoever wants to can make other bytes with the same value. A code
/// cannot be made without the key, at a rate that SHA-256 does not reach (4.5 GB/s and more against 1.8). Its own key is
/// derived from that of the run, the id of the set and the path: no code fits another file, and as no such key is ever
/// used for a second message, the nonce can be constant.
@safe final class FileCode: @unchecked Sendable {
    // Unchecked: whoever adds bytes on several threads does so on one after the other.
    // One call takes 2 GiB less a byte at most.
    private static let pieceByteCount = 1 << 30

    private let context: OpaquePointer

    init(key: EncryptionKey, set id: String, path: String) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { fatalError("no memory for the state of a code") }
        unsafe self.context = context
        var derived = key.derived(for: "lockstep file \(id) \(path)")
        defer { EncryptionKey.wipe(&derived) }
        let nonce = [UInt8](repeating: 0, count: 12)
        guard unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, derived, nonce) == 1 else {
            fatalError("OpenSSL has no AES-256-GCM")
        }
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
    }

    /// Adds the bytes that follow.
    func update(_ bytes: RawSpan) {
        for start in stride(from: 0, to: bytes.byteCount, by: Self.pieceByteCount) {
            let piece = bytes.extracting(start..<min(start + Self.pieceByteCount, bytes.byteCount))
            let status = unsafe piece.withUnsafeBytes { piece in
                // Without an output they are authenticated and nothing else.
                var count: Int32 = 0
                return unsafe EVP_EncryptUpdate(
                    context, nil, &count, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(piece.count))
            }
            guard status == 1 else { fatalError("OpenSSL refused to authenticate \(piece.byteCount) bytes") }
        }
    }

    /// The code as 32 hexadecimal digits; nothing can be added afterwards.
    func finish() -> String {
        var count: Int32 = 0
        var tag = [UInt8](repeating: 0, count: 16)
        let isDone = unsafe EVP_EncryptFinal_ex(context, &tag, &count) == 1
        guard isDone, unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1 else {
            fatalError("OpenSSL gave no code")
        }
        return KeyText.hexadecimal(of: tag)
    }
}
