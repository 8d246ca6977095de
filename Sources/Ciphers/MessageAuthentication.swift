import COpenSSL

/// What an authentication code is for: a code for one purpose proves nothing for another, even of the same bytes under the
/// same key.
public enum AuthenticationPurpose: Sendable {
    /// The manifest of a set.
    case manifest

    /// The bytes of a file, as one of this set and at this path only.
    case file(set: String, path: String)

    /// The wish to remove a set.
    case removal(set: String)

    /// The digests of the pieces of a file.
    case pieces(set: String, path: String)

    /// The codes of files in manifests of earlier versions.
    case oldFile(set: String, path: String)

    // An id has no space in it: no two purposes have the same label.
    fileprivate var label: String {
        switch self {
        case .manifest: "lockstep manifest"
        case .file(let id, let path): "lockstep file-code \(id) \(path)"
        case .removal(let id): "lockstep removal \(id)"
        case .pieces(let id, let path): "lockstep file-pieces \(id) \(path)"
        case .oldFile(let id, let path): "lockstep file \(id) \(path)"
        }
    }
}

extension EncryptionKey {
    /// The code that proves who wrote `message`: HMAC-SHA-256, 32 bytes.
    ///
    /// It belongs beside the message. One that was computed for bytes of somebody else is shown to nobody: it would make
    /// them authentic.
    public func authenticationCode(for message: [UInt8], as purpose: AuthenticationPurpose) -> [UInt8] {
        var derived = derived(for: purpose)
        defer { Self.wipe(&derived) }
        return unsafe derived.withUnsafeBytes { unsafe hmacSHA256(key: $0, message) }
    }

    /// Whether `code` is that of `message`. How long this takes says nothing about where they differ.
    public func isAuthentic(_ message: [UInt8], as purpose: AuthenticationPurpose, code: [UInt8]) -> Bool {
        isEqualInConstantTime(authenticationCode(for: message, as: purpose), code)
    }

    /// A key for one purpose: 32 bytes that nobody can tell without this one, nor this one from them.
    package func derived(for purpose: AuthenticationPurpose) -> [UInt8] {
        unsafe withBytes { unsafe hmacSHA256(key: $0, Array(purpose.label.utf8)) }
    }
}

/// Whether two codes are equal, in a time that says nothing about where they differ.
package func isEqualInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe CRYPTO_memcmp(a, b, a.count) == 0
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
