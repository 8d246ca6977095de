import COpenSSL

/// One block being encrypted or decrypted by OpenSSL. Nil results are refusals: a wrong key, tampering, no memory.
@safe package final class CipherContext {
    package enum Direction: Int32 { case decrypt = 0, encrypt = 1 }

    private let context: OpaquePointer

    /// The key has been checked to fit the mode. GCM takes the first twelve of the sixteen bytes of `iv`: OpenSSL's
    /// default, which is what MindSpore ends up with, although its source asks for sixteen.
    package init?(_ direction: Direction, _ encryption: Encryption, iv: [UInt8], padding: Bool = true) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
        unsafe self.context = unsafe context
        let status = unsafe encryption.key.withBytes { key in
            unsafe EVP_CipherInit_ex(
                context, Self.cipher(encryption), nil,
                key.baseAddress?.assumingMemoryBound(to: UInt8.self), iv, direction.rawValue)
        }
        guard status == 1 else { return nil }
        if !padding { unsafe EVP_CIPHER_CTX_set_padding(context, 0) }
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
    }

    @unsafe private static func cipher(_ encryption: Encryption) -> OpaquePointer? {
        switch (encryption.mode, encryption.key.byteCount) {
        case (.aesGCM, 16): unsafe EVP_aes_128_gcm()
        case (.aesGCM, 24): unsafe EVP_aes_192_gcm()
        case (.aesGCM, _): unsafe EVP_aes_256_gcm()
        case (.aesCBC, 16): unsafe EVP_aes_128_cbc()
        case (.aesCBC, 24): unsafe EVP_aes_192_cbc()
        case (.aesCBC, _): unsafe EVP_aes_256_cbc()
        case (.sm4CBC, _): unsafe EVP_sm4_cbc()
        }
    }

    /// Passes bytes through, to `output`, which has room for a cipher block more; it may be where they come from.
    /// Returns how many came out.
    @unsafe package func update(_ input: UnsafeRawBufferPointer, to output: UnsafeMutableRawPointer) -> Int? {
        var count: Int32 = 0
        let status = unsafe EVP_CipherUpdate(
            context, output.assumingMemoryBound(to: UInt8.self), &count,
            input.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(input.count))
        return status == 1 ? Int(count) : nil
    }

    /// Ends the block; what is left comes out at `output`. Returns how many bytes that are.
    @unsafe package func finish(to output: UnsafeMutableRawPointer) -> Int? {
        var count: Int32 = 0
        let status = unsafe EVP_CipherFinal_ex(context, output.assumingMemoryBound(to: UInt8.self), &count)
        return status == 1 ? Int(count) : nil
    }

    /// The sixteen bytes that authenticate a finished GCM block.
    package var tag: [UInt8] {
        var tag = [UInt8](repeating: 0, count: 16)
        unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag)
        return tag
    }

    /// Sets the bytes that ``finish(to:)`` compares when it decrypts a GCM block.
    package func expect(tag: [UInt8]) {
        var tag = tag
        unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag)
    }
}
