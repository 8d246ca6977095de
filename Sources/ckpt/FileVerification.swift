import Checkpoints
import Ciphers
import Files
import MindIR
import SystemPackage

/// Finds out whether a single file is whole, by whatever there is to compare it with.
struct FileVerification {
    private let path: FilePath
    private let key: EncryptionKey?

    init(_ path: FilePath, key: EncryptionKey?) {
        self.path = path
        self.key = key
    }

    /// The verdict. Throws if the file cannot be read.
    func item() throws -> Verification.Item {
        do {
            if let set = SetMember(of: path, key: key) { return try compare(with: set) }
            return try lookInside()
        } catch let error as FormatError {
            guard error.isDamage else { throw error }
            return item(.damaged, error.description)
        } catch let error as MindIRError {
            guard error.isDamage else { throw error }
            return item(.damaged, error.description)
        } catch let error as FileError {
            guard error.isDamage else { throw error }
            return item(.damaged, error.description)
        }
    }

    private func compare(with set: SetMember) throws -> Verification.Item {
        let inspection = SetInspection(
            set.directory, progress: Progress("verifying", total: set.file.byteCount), key: key)
        let proof = key == nil ? "checksum" : "code"
        var state = inspection.compareChecksum(of: set.file, in: set.manifest)
        if case .whole = state, let problem = try problemOfParameters() { state = .damaged(problem) }
        return Verification.Item(
            name: path.string, state, whole: "it has the \(proof) that checkpoint \(set.manifest.name) says")
    }

    /// What is wrong with files beside a network that hold its parameters, as a sentence. Where they are is not known if the
    /// network is encrypted, and there is no key.
    private func problemOfParameters() throws -> String? {
        guard path.isNetwork else { return nil }
        do {
            _ = try NetworkContents(path, key: key)
        } catch let error as CheckpointSetError {
            return error.description
        } catch is KeyMissing {
            return nil
        }
        return nil
    }

    private func lookInside() throws -> Verification.Item {
        let mode: EncryptionMode?
        var hasRightCRC = false
        if path.isNetwork {
            mode = try NetworkContents(path, key: key).encryption
        } else {
            let source = try Source(.file(path), key: key, verb: "verifying")
            mode = source.mode
            hasRightCRC = try source.reader.verify()
        }
        if mode == .aesGCM, let key {
            // Every block is proved before any byte of it comes out.
            try DecryptedFile(LocalFileSystem().open(path), key: key).forEachPiece { _ in }
            return item(.unknown, "each block is authentic; order and number cannot be told")
        }
        if hasRightCRC { return item(.whole, "it has the CRC that stands in it") }
        return item(.unknown, "its structure is right, but there is no checksum to compare its contents with")
    }

    private func item(_ verdict: Verification.Verdict, _ explanation: String) -> Verification.Item {
        Verification.Item(name: path.string, verdict: verdict, explanation: explanation)
    }
}

extension FormatError {
    /// Whether the bytes of the file are wrong, and not the way to them.
    fileprivate var isDamage: Bool {
        switch self {
        case .damaged: true
        case .file(let error): error.isDamage
        case .encryption, .cannotStore, .missing, .wrongKind, .notSupported: false
        }
    }
}

extension MindIRError {
    /// Whether the bytes of the file are wrong, and not the way to them.
    fileprivate var isDamage: Bool {
        switch self {
        case .damaged: true
        case .file(let error): error.isDamage
        case .cannotExport, .cannotStore, .tooLarge, .missing, .wrongType: false
        }
    }
}

extension FileError {
    /// Whether a block of the file cannot be decrypted: the system took no part in it.
    fileprivate var isDamage: Bool { operation == "decrypt" }
}
