import COpenSSL

/// GMAC with AES-256 (NIST SP 800-38D), computed as bytes stream by: 4.5 GB/s and more on one core, with or without the
/// instructions for SHA-256, which most clusters lack (0.5 GB/s then, else 1.8).
///
/// Two values under one key and one nonce give the key away: whoever uses it so shows none of them.
@safe package final class GMAC: @unchecked Sendable {
    // Unchecked: whoever adds bytes on several threads does so on one after the other.
    // One call takes 2 GiB less a byte at most.
    private static let callByteCount = 1 << 30

    private let context: OpaquePointer

    /// Takes the key; ``begin(number:)`` must follow.
    package init(key: [UInt8]) {
        precondition(key.count == 32, "a key of \(key.count) bytes is none of AES-256")
        guard let context = unsafe EVP_CIPHER_CTX_new() else { fatalError("no memory for the state of a code") }
        unsafe self.context = context
        guard unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nil) == 1 else {
            fatalError("OpenSSL has no AES-256-GCM")
        }
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
    }

    /// Begins a message, with its number as the nonce.
    package func begin(number: UInt64) {
        let nonce =
            [UInt8](repeating: 0, count: 4) + (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        guard unsafe EVP_EncryptInit_ex(context, nil, nil, nil, nonce) == 1 else { fatalError("OpenSSL took no nonce") }
    }

    /// Adds the bytes that follow.
    package func update(_ bytes: RawSpan) {
        for start in stride(from: 0, to: bytes.byteCount, by: Self.callByteCount) {
            let piece = bytes.extracting(start..<min(start + Self.callByteCount, bytes.byteCount))
            let status = unsafe piece.withUnsafeBytes { piece in
                // Without an output they are authenticated and nothing else.
                var count: Int32 = 0
                return unsafe EVP_EncryptUpdate(
                    context, nil, &count, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(piece.count))
            }
            guard status == 1 else { fatalError("OpenSSL refused to authenticate \(piece.byteCount) bytes") }
        }
    }

    /// The 16 bytes for the message; nothing can be added to it afterwards.
    package func finish() -> [UInt8] {
        var count: Int32 = 0
        var tag = [UInt8](repeating: 0, count: 16)
        let isDone = unsafe EVP_EncryptFinal_ex(context, &tag, &count) == 1
        guard isDone, unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1 else {
            fatalError("OpenSSL gave no code")
        }
        return tag
    }
}
