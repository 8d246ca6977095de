import Ciphers
import Files

/// The head of a block in MindSpore's encryption container, and where its parts lie. Numbers have 32 bits,
/// little-endian.
///
///     magic, tag (16 bytes, GCM only), block_len = 24 + cipher_len, iv_len = 16, iv (16 bytes), cipher_len
struct CipherBlock: Equatable {
    /// The most plain bytes in a block: 64 MiB, as MindSpore cuts them.
    static let plainLimit = 64 << 20

    static let ivByteCount = 16

    let mode: EncryptionMode
    let tag: [UInt8]
    let iv: [UInt8]
    let cipherByteCount: Int

    /// The size of the head in bytes.
    static func headByteCount(_ mode: EncryptionMode) -> Int { mode == .aesGCM ? 48 : 32 }

    /// The bytes of the head.
    var head: [UInt8] {
        littleEndianBytes(of: mode.magic) + (mode == .aesGCM ? tag : [])
            + littleEndianBytes(of: UInt32(24 + cipherByteCount))
            + littleEndianBytes(of: UInt32(Self.ivByteCount)) + iv
            + littleEndianBytes(of: UInt32(cipherByteCount))
    }

    init(mode: EncryptionMode, tag: [UInt8], iv: [UInt8], cipherByteCount: Int) {
        self.mode = mode
        self.tag = tag
        self.iv = iv
        self.cipherByteCount = cipherByteCount
    }

    /// Reads a head; nil if it contradicts itself or the limits.
    init?(head: [UInt8], mode: EncryptionMode) {
        guard head.count == Self.headByteCount(mode), EncryptionMode(magic: head[0..<4]) == mode else { return nil }
        let rest = Array(head.dropFirst(mode == .aesGCM ? 20 : 4))
        func number(at offset: Int) -> Int {
            rest[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        self.init(
            mode: mode, tag: mode == .aesGCM ? Array(head[4..<20]) : [], iv: Array(rest[8..<24]),
            cipherByteCount: number(at: 24))
        guard number(at: 0) == 24 + cipherByteCount, number(at: 4) == Self.ivByteCount else { return nil }
        // Chained modes pad to whole blocks of sixteen, always.
        let isWhole = cipherByteCount > 0 && cipherByteCount % 16 == 0
        guard mode == .aesGCM ? cipherByteCount <= Self.plainLimit : isWhole && cipherByteCount <= Self.plainLimit + 16
        else { return nil }
    }
}
