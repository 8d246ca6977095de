import Checkpoints
import Ciphers
import Files
import Memory
import MindIR
import SystemPackage

/// A file to encrypt or decrypt as it is, without taking it apart.
struct EncryptionInput {
    private let file: any ReadableFile
    private let form: Form

    /// What must be inside before anything is written: that proves the key in modes that do not prove it themselves.
    private enum Form { case checkpoint, network, any }

    /// Opens a file; what is read of it shows as progress under `verb`. The key, if it has one already, is that of its set too.
    init(_ path: FilePath, key: EncryptionKey? = nil, verb: String) throws {
        let file = try NamedFile(path, key: key)
        self.file = try file.open(through: file.watched(verb, passes: 1))
        form = path.isNetwork ? .network : .checkpoint
    }

    /// Takes an open file of a set: a checkpoint, or a part of a network as MindIR.
    init(_ file: any ReadableFile, isNetwork: Bool) {
        self.file = file
        // The key has proved right with the state in the same set; parameters beside a network have no form of their own.
        form = isNetwork ? .any : .checkpoint
    }

    private var path: FilePath { file.path }

    /// The file, which must be a whole .ckpt or .mindir file that is not encrypted.
    func plain() throws -> any ReadableFile {
        if let mode = try EncryptionMode.mode(of: file) {
            throw Refusal("\(path) is encrypted already (\(mode.rawValue)); rekey gives it another key")
        }
        try checkContents(of: file)
        return file
    }

    /// What the file holds, if the key is right.
    func decrypted(key: EncryptionKey) throws -> (file: any ReadableFile, mode: EncryptionMode) {
        guard let mode = try EncryptionMode.mode(of: file) else { throw Refusal("\(path) is not encrypted") }
        let decrypted = try DecryptedFile(file, key: key)
        try checkContents(of: decrypted)
        return (decrypted, mode)
    }

    private func checkContents(of file: any ReadableFile) throws {
        switch form {
        case .any: break
        case .checkpoint:
            guard path.extension != "safetensors" else {
                throw Refusal("\(path) cannot be encrypted; only .ckpt and .mindir files can be")
            }
            _ = try CkptReader(file: file)
        case .network:
            _ = try MindIRReader(path) { needed in
                guard needed == path else {
                    throw Refusal("\(path) has parameters in \(needed); name the manifest of its set instead")
                }
                return file
            }
        }
    }
}

extension ReadableFile {
    /// Writes all bytes encrypted.
    func copy(to file: any WritableFile, _ encryption: Encryption, path: FilePath) throws {
        let encrypting = EncryptingFile(file, path: path, encryption: encryption)
        try forEachPiece { try encrypting.write($0.span) }
        // It holds a block back until it is told that nothing follows.
        try encrypting.synchronize()
    }
}
