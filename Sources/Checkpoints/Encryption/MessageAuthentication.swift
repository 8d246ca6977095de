import COpenSSL

extension EncryptionKey {
    /// The code that proves who wrote `message`: HMAC-SHA-256, 32 bytes.
    ///
    /// The key of the code is derived from this one, so that no key serves two purposes.
    public func authenticationCode(for message: [UInt8]) -> [UInt8] {
        var derived = derived(for: "lockstep manifest")
        defer { Self.wipe(&derived) }
        return unsafe derived.withUnsafeBytes { unsafe hmacSHA256(key: $0, message) }
    }

    /// 32 bytes that nobody can tell without the key, other ones for each purpose.
    func derived(for purpose: String) -> [UInt8] {
        unsafe withBytes { unsafe hmacSHA256(key: $0, Array(purpose.utf8)) }
    }

    /// Whether `code` is that of `message`. How long this takes says nothing about where they differ.
    public func isAuthentic(_ message: [UInt8], code: [UInt8]) -> Bool {
        let expected = authenticationCode(for: message)
        guard code.count == expected.count else { return false }
        return unsafe CRYPTO_memcmp(code, expected, expected.count) == 0
    }
}

/// HMAC-SHA-256 of RFC 2104 and FIPS 180-4.
@unsafe package func hmacSHA256(key: UnsafeRawBufferPointer, _ message: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    var count = 0
    let result = unsafe EVP_Q_mac(
        nil, "HMAC", nil, "SHA256", nil, key.baseAddress, key.count, message, message.count, &code, code.count, &count)
    guard unsafe result != nil, count == code.count else { fatalError("OpenSSL has no HMAC-SHA-256") }
    return code
}
