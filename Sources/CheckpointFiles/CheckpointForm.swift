public import Ciphers
package import Files

/// The kinds of checkpoint files that can be written.
public enum CheckpointFileFormat: String, CaseIterable, Sendable {
    /// MindSpore's own.
    case ckpt

    /// Hugging Face's.
    case safetensors

    /// How such files are read and written.
    public var format: any CheckpointFormat {
        switch self {
        case .ckpt: CkptFormat()
        case .safetensors: SafetensorsFormat()
        }
    }
}

/// The form of checkpoint files: their format, whether they carry a CRC-32, and how they are encrypted. Every form that can be
/// made can be written.
public struct CheckpointForm: Sendable {
    /// Their format.
    public let fileFormat: CheckpointFileFormat

    /// Whether they carry a CRC-32 (MindSpore's `crc_check`). Encrypted files cannot: MindSpore could not read them.
    public let crc: Bool

    /// How they are encrypted; nil if they are not. Only `.ckpt` files can be.
    public let encryption: Encryption?

    /// What `.safetensors` files say about removed redundancy; nil says nothing.
    package var removeRedundancy: Bool?

    /// Plain `.ckpt` files.
    public static let plain = CheckpointForm(())

    /// Describes a form.
    ///
    /// - Throws: ``CheckpointFormError`` if there is no such form.
    public init(
        _ fileFormat: CheckpointFileFormat = .ckpt, crc: Bool = false, encryption: Encryption? = nil
    ) throws(CheckpointFormError) {
        if fileFormat != .ckpt {
            guard encryption == nil else { throw .notInFormat(fileFormat, option: "encryption") }
            guard !crc else { throw .notInFormat(fileFormat, option: "a CRC") }
        }
        guard encryption == nil || !crc else { throw .encryptionWithCRC }
        self.fileFormat = fileFormat
        self.crc = crc
        self.encryption = encryption
    }

    private init(_: Void) {
        fileFormat = .ckpt
        crc = false
        encryption = nil
    }

    /// How such files are written.
    package var format: any CheckpointFormat { fileFormat.format }

    /// What the files say besides their entries.
    package var options: FormatOptions { FormatOptions(crc: crc, removeRedundancy: removeRedundancy) }

    /// Lets `body` write to a file, or to what encrypts it; `path` is for errors.
    package func encrypting(_ file: any WritableFile, path: String, _ body: (any WritableFile) throws -> Void) throws {
        guard let encryption else { return try body(file) }
        try encryption.encrypting(file, path: path, body)
    }
}

/// A form that no checkpoint file can have.
public enum CheckpointFormError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Something that files of the format cannot have.
    case notInFormat(CheckpointFileFormat, option: String)

    /// Encryption and CRC together, which MindSpore cannot read.
    case encryptionWithCRC

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .notInFormat(let format, let option): ".\(format.rawValue) files cannot have \(option)"
        case .encryptionWithCRC: "a CRC and encryption exclude each other: MindSpore cannot read such a file"
        }
    }
}
