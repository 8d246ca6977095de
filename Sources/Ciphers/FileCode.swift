import Files
import Wire

/// The code that proves which bytes a file of a set has: HMAC-SHA-256 of the digests of its pieces and of its size.
///
/// XXH3, which every manifest holds, finds accidents, but whoever wants to can make other bytes with the same value. A
/// code cannot be made without the key, and says nothing about it. The keys of digests and code are derived from that of
/// the run, the id of the set and the path, so that no code fits another file. Pieces can be proved in any order, and a
/// piece that is read again is compared with its digest.
package struct FileCode: ~Copyable {
    private let key: EncryptionKey
    private let id: String
    private let path: String
    private let hash: PieceHash
    private var digests: [PieceDigest] = []
    private var byteCount = 0
    // The bytes of the piece under way.
    private var rest: [UInt8] = []

    /// Begins with no bytes.
    package init(key: EncryptionKey, set id: String, path: String) {
        self.key = key
        self.id = id
        self.path = path
        hash = PieceHash(key: key, set: id, path: path)
    }

    /// Adds the bytes that follow.
    package mutating func update(_ bytes: RawSpan) {
        byteCount += bytes.byteCount
        var start = 0
        while start < bytes.byteCount {
            let end = min(start + PieceHash.pieceByteCount - rest.count, bytes.byteCount)
            let part = bytes.extracting(start..<end)
            if part.byteCount == PieceHash.pieceByteCount {
                digests.append(hash.digest(of: part, number: digests.count))
            } else {
                unsafe part.withUnsafeBytes { unsafe rest.append(contentsOf: $0) }
                if rest.count == PieceHash.pieceByteCount { addRest() }
            }
            start = end
        }
    }

    private mutating func addRest() {
        digests.append(unsafe hash.digest(of: rest.span.bytes, number: digests.count))
        rest.removeAll(keepingCapacity: true)
    }

    /// The code as 64 hexadecimal digits; nothing can be added afterwards.
    package mutating func finish() -> String {
        if !rest.isEmpty { addRest() }
        let message = Self.message(digests, byteCount: byteCount)
        return KeyText.hexadecimal(of: key.authenticationCode(for: message, as: .file(set: id, path: path)))
    }

    /// Whether a code is that of a file whose pieces have these digests.
    package static func isRight(
        _ code: String, of digests: [PieceDigest], byteCount: Int, key: EncryptionKey, set id: String, path: String
    ) -> Bool {
        guard let code = KeyText.hexadecimal(Array(code.utf8)[...]) else { return false }
        return key.isAuthentic(
            message(digests, byteCount: byteCount), as: .file(set: id, path: path), code: code)
    }

    private static func message(_ digests: [PieceDigest], byteCount: Int) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(16 * digests.count + 8)
        for digest in digests {
            message += littleEndianBytes(of: digest.bytes.x)
            message += littleEndianBytes(of: digest.bytes.y)
        }
        return message + littleEndianBytes(of: UInt64(byteCount))
    }
}

/// The code that a manifest of an earlier version has for a file: a GMAC under a nonce that is always the same, in 32
/// hexadecimal digits.
///
/// Whoever knows two such codes of one file, for bytes that they know, can make others. So none is made, and none shown.
package struct OldFileCode: Sendable {
    private let gmac: GMAC

    package init(key: EncryptionKey, set id: String, path: String) {
        var derived = key.derived(for: .oldFile(set: id, path: path))
        defer { EncryptionKey.wipe(&derived) }
        gmac = GMAC(key: derived)
        gmac.begin(number: 0)
    }

    /// Adds the bytes that follow.
    package func update(_ bytes: RawSpan) { gmac.update(bytes) }

    /// Whether `code` is that of the bytes; called once, at the end.
    package func isRight(_ code: String) -> Bool {
        guard let code = KeyText.hexadecimal(Array(code.utf8)[...]) else { return false }
        return isEqualInConstantTime(gmac.finish(), code)
    }
}
