import Files

/// What tells the bytes of a piece of a file from others.
package struct PieceDigest: Equatable {
    package let bytes: SIMD2<UInt64>
}

/// Makes the digests of the pieces of a file.
///
/// With a key they are GMACs under a key of this set and path: whoever has not got it finds no other bytes with the same
/// digest, as long as no digest is shown to anybody (a universal hash: Wegman and Carter, 1981). They stay in memory.
/// Without a key they are XXH3-64, as the checksum of the file is, and find accidents.
package struct PieceHash: Sendable {
    /// The size of all pieces but the last.
    package static let pieceByteCount = 64 << 10

    private let gmac: GMAC?

    package init(key: EncryptionKey?, set id: String, path: String) {
        gmac = key.map { key in
            var derived = key.derived(for: .pieces(set: id, path: path))
            defer { EncryptionKey.wipe(&derived) }
            return GMAC(key: derived)
        }
    }

    /// The digest of a piece; one thread at a time.
    package func digest(of bytes: RawSpan, number: Int) -> PieceDigest {
        guard let gmac else { return PieceDigest(bytes: [Checksum.value(of: bytes), 0]) }
        gmac.begin(number: UInt64(number))
        gmac.update(bytes)
        let tag = gmac.finish()
        return PieceDigest(bytes: unsafe tag.withUnsafeBytes { unsafe $0.loadUnaligned(as: SIMD2<UInt64>.self) })
    }
}
