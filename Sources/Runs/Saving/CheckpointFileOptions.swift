import Checkpoints
public import Ciphers

/// How checkpoint files are written.
public struct CheckpointFileOptions: Sendable {
    /// The kind of files.
    public let format: CheckpointFileFormat

    /// How they are encrypted; nil if they are not. Only `.ckpt` files can be.
    public let encryption: Encryption?

    /// Whether they carry a CRC-32. Encrypted files cannot.
    public let crcCheck: Bool

    /// What `.safetensors` files say about removed redundancy; nil says nothing.
    let removeRedundancy: Bool?

    /// Makes options.
    ///
    /// - Throws: ``CheckpointConfigError`` if they exclude each other.
    public init(
        format: CheckpointFileFormat = .ckpt, encryption: Encryption? = nil, crcCheck: Bool = false
    ) throws(CheckpointConfigError) {
        guard encryption == nil || format == .ckpt else { throw .notInFormat(format, option: "encryption") }
        guard encryption == nil || !crcCheck else { throw .encryptionWithCRC }
        self.init(format, encryption, crcCheck, removeRedundancy: nil)
    }

    init(
        _ format: CheckpointFileFormat, _ encryption: Encryption?, _ crcCheck: Bool, removeRedundancy: Bool?
    ) {
        self.format = format
        self.encryption = encryption
        self.crcCheck = crcCheck
        self.removeRedundancy = removeRedundancy
    }

    /// The same in the words of the files.
    var form: CheckpointForm {
        CheckpointForm(
            format.format, options: FormatOptions(crc: crcCheck, removeRedundancy: removeRedundancy),
            encryption: encryption)
    }

    /// Plain `.ckpt` files.
    public static let plain = CheckpointFileOptions(.ckpt, nil, false, removeRedundancy: nil)
}
