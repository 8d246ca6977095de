import Files

/// How a `.ckpt` file is encrypted: MindSpore's `enc_mode`.
///
/// Only `aesGCM` finds tampering by itself. A flipped bit of the other two can change a tensor unnoticed; Lockstep
/// therefore authenticates the manifest that names the file's checksum.
public enum EncryptionMode: String, CaseIterable, Sendable {
    /// AES in Galois/counter mode, with keys of 16, 24 or 32 bytes.
    case aesGCM = "AES-GCM"

    /// AES in cipher block chaining mode, with keys of 16, 24 or 32 bytes.
    case aesCBC = "AES-CBC"

    /// SM4 in cipher block chaining mode, with keys of 16 bytes.
    case sm4CBC = "SM4-CBC"

    /// The lengths a key may have, in bytes.
    public var keyByteCounts: [Int] { self == .sm4CBC ? [16] : [16, 24, 32] }

    /// The first four bytes of every block, as a little-endian number.
    package var magic: UInt32 {
        switch self {
        case .aesGCM: 0x7F3A_5ED8
        case .aesCBC: 0x7F3A_5ED9
        case .sm4CBC: 0x7F3A_5EDA
        }
    }

    /// The mode whose blocks begin with these bytes; nil if there is none.
    package init?(magic bytes: ArraySlice<UInt8>) {
        let mode = Self.allCases.first { littleEndianBytes(of: $0.magic)[...] == bytes }
        guard let mode else { return nil }
        self = mode
    }
}
